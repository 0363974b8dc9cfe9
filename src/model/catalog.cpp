#include "model/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace vivace::model {
namespace {

constexpr std::uint64_t kLargestMetadata = std::uint64_t{1} << 20;

struct Head {
  const char* task;
  const char* description;
  std::uint64_t bytes;
  const char* sha256;
};

// Heads on the embeddings of discogs-effnet, version 1.
constexpr Head kHeads[] = {
    {"danceability", "How danceable the music is", 514101,
     "9ce9b8c44f1dd5df5ffc124e5d41d67acf254232c1b90c7e057e079ab7cead73"},
    {"mood_acoustic", "Acoustic or not", 514103, "56b02abf772b9c1cf528e4d6521d6e09515cedccce47895ee5de8de33fbdf848"},
    {"mood_aggressive", "Aggressive or not", 514107,
     "de36550b5d1660791ad732ed6de6ebfdc3e65dcf50b928b2578ddf103dbfb400"},
    {"mood_electronic", "Electronic or not", 514107,
     "4cc09140d5b078cf39e55975a23cba813e6bd4014092b78e8c415fa32a382149"},
    {"mood_party", "Party music or not", 514097, "c50ac2106ec2f209dd04ad48756582df0e3f3512235310d1a4a3fcc453745f04"},
    {"mood_relaxed", "Relaxed or not", 514101, "8ba6515a1e5943a72b3b475e3a25fc7a2ff04142c3eaa6aa0716fca371efdfff"},
    {"mtg_jamendo_moodtheme", "56 moods and themes", 2739322,
     "7d6270acaa5f4bba4b115a0d6849aca05ed6bd153dcb6d9da4f6ab9f99ef10ff"},
};

CatalogEntry discogs_effnet() {
  return {"discogs-effnet",
          "EfficientNet trained on Discogs: embeddings of 1280 and 400 styles",
          kEssentiaLicence,
          kEssentiaLicenceUrl,
          {"feature-extractors/discogs-effnet/discogs-effnet-bsdynamic-1.onnx", 18027718,
           "a280825b334797cf677939db8cd5762c0392aedd0ca6415dbc1cd083f045e43c"},
          {"feature-extractors/discogs-effnet/discogs-effnet-bsdynamic-1.json", kLargestMetadata, ""}};
}

CatalogEntry discogs_effnet_head(const Head& head) {
  const std::string stem = fmt::format("classification-heads/{0}/{0}-discogs-effnet-1", head.task);
  return {fmt::format("{}-discogs-effnet", head.task),
          head.description,
          kEssentiaLicence,
          kEssentiaLicenceUrl,
          {stem + ".onnx", head.bytes, head.sha256},
          {stem + ".json", kLargestMetadata, ""}};
}

std::vector<CatalogEntry> all_entries() {
  std::vector<CatalogEntry> entries{discogs_effnet()};
  for (const Head& head : kHeads) entries.push_back(discogs_effnet_head(head));
  return entries;
}

}  // namespace

const std::vector<CatalogEntry>& catalog() {
  static const std::vector<CatalogEntry> entries = all_entries();
  return entries;
}

const CatalogEntry* find_in_catalog(std::string_view name) {
  const auto& entries = catalog();
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

std::string catalog_url(const CatalogFile& file) {
  const char* mirror = std::getenv("VIVACE_MODEL_BASE_URL");
  std::string base = mirror && *mirror ? mirror : kEssentiaModelsUrl;
  while (base.ends_with('/')) base.pop_back();
  return base + "/" + file.path;
}

}  // namespace vivace::model
