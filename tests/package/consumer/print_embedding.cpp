#include <cstdio>
#include <vivace/embed.hpp>

/// print_embedding MODEL FILE: the mean embedding on one line, the mean activations on the next, in all their digits.
int main(int argc, char** argv) {
  if (argc != 3) return 1;
  const vivace::Embedder embedder({.model = argv[1]});
  const vivace::Embedding track = embedder.embed_file(argv[2]);
  for (const float value : track.mean) std::printf("%.9g ", value);
  std::printf("\n");
  for (const vivace::Tag& tag : track.tags) std::printf("%.9g ", tag.value);
  std::printf("\n");
  return 0;
}
