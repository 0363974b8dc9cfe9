#include "tasks/separate/opened_model.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/known_digests.hpp"
#include "model/model.hpp"
#include "model/verify.hpp"
#include "runtime/session.hpp"
#include "tasks/separate/graph_kind.hpp"
#include "tasks/separate/htdemucs.hpp"
#include "tasks/separate/mdx.hpp"
#include "tasks/separate/spectral_mask.hpp"
#include "vivace/error.hpp"

namespace vivace::separate {
namespace {

constexpr std::size_t kMostShifts = 100;
constexpr double kLargestOverlap = 0.99;
constexpr double kShortestSegment = 0.1;
constexpr double kLongestSegment = 600;
constexpr std::size_t kMostWienerIterations = 10;
constexpr std::size_t kMostWorkers = 256;

void require_range(const char* option, double value, double lowest, double highest) {
  if (value >= lowest && value <= highest) return;
  throw Error(ErrorCode::invalid_argument, option, fmt::format("is {}; it must be {} to {}", value, lowest, highest));
}

void check_ranges(const SeparateOptions& options) {
  require_range("shifts", static_cast<double>(options.shifts), 0, kMostShifts);
  if (options.overlap) require_range("overlap", *options.overlap, 0, kLargestOverlap);
  if (options.segment_s) require_range("segment", *options.segment_s, kShortestSegment, kLongestSegment);
  require_range("wiener", static_cast<double>(options.wiener), 0, kMostWienerIterations);
  require_range("workers", static_cast<double>(options.workers), 0, kMostWorkers);
  require_range("threads", static_cast<double>(options.threads), 1, kMostWorkers);
  if (options.upper_band != "zeros" && options.upper_band != "average") {
    throw Error(ErrorCode::invalid_argument, "upper band",
                fmt::format("is '{}'; it must be 'zeros' or 'average'", options.upper_band));
  }
}

/// Throws where an option is set that models of this family do not have.
void check_family(const SeparateOptions& options, const std::string& family) {
  const auto only_for = [&](const char* option, bool is_set, const std::vector<std::string>& families) {
    if (!is_set || std::ranges::find(families, family) != families.end()) return;
    throw Error(ErrorCode::invalid_argument, option,
                fmt::format("is for models of the family {}; this one is {}", fmt::join(families, " or "), family));
  };
  if (options.subtract && options.two_stems.empty()) {
    throw Error(ErrorCode::invalid_argument, "subtract", "goes with two stems only: name the one");
  }
  if (options.seed != 0 && options.shifts == 0) {
    throw Error(ErrorCode::invalid_argument, "seed", "goes with shifts only: say how many");
  }
  only_for("shifts", options.shifts > 0, {model::kHtdemucs});
  only_for("overlap", options.overlap.has_value(), {model::kHtdemucs, model::kMdx});
  only_for("segment", options.segment_s.has_value(), {model::kHtdemucs, model::kMdx});
  only_for("denoise", options.denoise, {model::kMdx});
  only_for("band-limited rest", options.band_limited_rest, {model::kMdx});
  only_for("upper band", options.upper_band != "zeros", {model::kSpectralMask});
  only_for("wiener", options.wiener > 0, {model::kSpectralMask});
}

/// Networks of HTDemucs take gigabytes for a run, so that one at a time is run on all threads.
std::size_t workers_of(const SeparateOptions& options, const std::string& family) {
  if (options.workers > 0) return std::min(options.workers, options.threads);
  return family == model::kHtdemucs ? 1 : options.threads;
}

/// A model on disk with its sessions still to be opened, or a lone graph.
struct Found {
  model::Manifest manifest;
  std::filesystem::path folder;
};

std::shared_ptr<const runtime::Session> open_graph(const std::filesystem::path& graph, const SeparateOptions& options,
                                                   std::size_t workers) {
  runtime::SessionOptions wanted{.graph = graph, .placement = options.placement};
  wanted.intra_op_threads = static_cast<int>(std::max<std::size_t>(1, options.threads / workers));
  wanted.memory_pattern = false;
  return runtime::open_session(wanted);
}

/// The graphs that have a part in the wanted stems, with weights that sum to 1 for each stem over the whole bag.
std::vector<BagGraph> open_bag(const Found& found, const StemMix& mix, const SeparateOptions& options,
                               std::size_t workers) {
  const model::Separation& separation = *found.manifest.separation;
  std::vector<model::BagMember> members = separation.bag;
  if (members.empty()) members = {{"graph", std::vector<double>(separation.stems.size(), 1)}};
  std::vector<double> sums(separation.stems.size());
  for (const model::BagMember& member : members) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += member.weights[i];
  }
  std::vector<BagGraph> bag;
  for (model::BagMember& member : members) {
    const auto adds = [&](std::size_t stem) { return member.weights[stem] > 0; };
    if (std::ranges::none_of(mix.wanted, adds)) continue;
    for (std::size_t i = 0; i < sums.size(); ++i) member.weights[i] /= sums[i];
    const std::filesystem::path graph = found.folder / found.manifest.file(member.role).path;
    bag.push_back({Graph(found.manifest.name, open_graph(graph, options, workers)), std::move(member.weights)});
  }
  return bag;
}

/// The network's stem, and what it leaves of the mix, or of the mix as far as its band reaches.
std::vector<MixedStem> mdx_stems(const model::Separation& separation, bool band_limited) {
  const auto compensate = static_cast<float>(separation.compensate);
  if (band_limited) return {{separation.stems[0], 0, {1, 0}}, {separation.stems[1], 0, {-compensate, 1}}};
  return {{separation.stems[0], 0, {1}}, {separation.stems[1], 1, {-compensate}}};
}

void open_network(OpenedModel& opened, const Found& found, const SeparateOptions& options) {
  const model::Manifest& manifest = found.manifest;
  if (manifest.family == model::kHtdemucs) {
    opened.network =
        open_htdemucs(open_bag(found, opened.mix, options, opened.workers), manifest, opened.mix.wanted, options);
    return;
  }
  const std::string role = model::graph_role(manifest, options.placement.backend);
  Graph graph(manifest.name, open_graph(found.folder / manifest.file(role).path, options, opened.workers));
  if (manifest.family == model::kSpectralMask) {
    opened.network = open_spectral_mask(std::move(graph), manifest, opened.mix.wanted, options);
    return;
  }
  if (manifest.separation->stems.size() != 2) graph.mismatch("an MDX-Net model has two stems: its own, and the rest");
  opened.network = open_mdx(std::move(graph), manifest, options);
  opened.mix.stems = compose(opened.mix, mdx_stems(*manifest.separation, options.band_limited_rest));
}

Found find(const SeparateOptions& options) {
  std::error_code status;
  if (std::filesystem::is_regular_file(options.model, status)) {
    const std::filesystem::path file = options.model;
    return {recognise_graph(file, *open_graph(file, options, 1)), file.parent_path()};
  }
  if (options.model.ends_with(".onnx")) throw Error(ErrorCode::not_found, options.model, "there is no such file");
  const model::Model model = model::find_model(options.model);
  if (!model::is_separator(model.manifest)) {
    throw Error(ErrorCode::invalid_argument, fmt::format("model '{}'", model.manifest.name),
                fmt::format("is for the task '{}', it separates nothing", model.manifest.task));
  }
  model::verify(model.folder, model.manifest, base::KnownDigests::from_environment());
  return {model.manifest, model.folder};
}

std::string digests(const model::Manifest& manifest) {
  std::vector<std::string> each;
  for (const model::ModelFile& file : manifest.files) each.push_back(file.sha256);
  return fmt::format("{}", fmt::join(each, "+"));
}

std::string configuration_of(const SeparateOptions& options) {
  std::string text = fmt::format("stems {}, two stems {}{}", fmt::join(options.stems, "+"), options.two_stems,
                                 options.subtract ? " by subtraction" : "");
  if (options.shifts > 0) text += fmt::format(", shifts {} seed {}", options.shifts, options.seed);
  if (options.overlap) text += fmt::format(", overlap {}", *options.overlap);
  if (options.segment_s) text += fmt::format(", segment {} s", *options.segment_s);
  text += fmt::format(", denoise {}, band-limited rest {}, upper band {}, wiener {}", options.denoise,
                      options.band_limited_rest, options.upper_band, options.wiener);
  return text;
}

void describe(OpenedModel& opened, const model::Manifest& manifest, const SeparateOptions& options) {
  SeparateModelInfo& info = opened.info;
  info.name = manifest.name;
  info.family = manifest.family;
  info.sha256 = digests(manifest);
  info.licence = manifest.licence;
  info.placement = opened.network->placement();
  for (const MixedStem& stem : opened.mix.stems) info.stems.push_back(stem.name);
  info.whole = opened.mix.whole;
  info.sample_rate = manifest.audio->sample_rate;
  info.segment_s = opened.network->segment_s();
  info.configuration = configuration_of(options);
  opened.resampler = manifest.audio->resampler;
}

}  // namespace

OpenedModel open_model(const SeparateOptions& options) {
  check_ranges(options);
  const Found found = find(options);
  check_family(options, found.manifest.family);
  OpenedModel opened;
  opened.mix = choose_stems(found.manifest.separation->stems, options);
  opened.workers = workers_of(options, found.manifest.family);
  open_network(opened, found, options);
  describe(opened, found.manifest, options);
  return opened;
}

}  // namespace vivace::separate
