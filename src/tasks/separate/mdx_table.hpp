#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace vivace::separate {

/// What a published MDX-Net file does not say of itself.
struct MdxFacts {
  std::size_t fft = 0;
  std::size_t bins = 0;  ///< of the spectrum that the network sees
  double compensate = 1;
  std::string primary_stem;  ///< what the network gives, e.g. "vocals"
};

/// The facts about a file, by the MD5 of its last 10,000 KiB, or of all of it where it is smaller: the identity that
/// Ultimate Vocal Remover gives its models. Source: its table of models (MIT). Nothing for files that it does not know.
std::optional<MdxFacts> find_mdx_facts(const std::string& tail_md5);

/// What is left of a track without a stem: "instrumental" for "vocals" and the other way round, else "no_<stem>".
std::string rest_of(const std::string& stem);

}  // namespace vivace::separate
