#include "model/essentia_import.hpp"

#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <utility>

#include "base/files.hpp"
#include "base/sha256.hpp"
#include "model/essentia_recipe.hpp"
#include "model/staging_lock.hpp"
#include "model/wording.hpp"
#include "runtime/session.hpp"
#include "vivace/error.hpp"

namespace fs = std::filesystem;

namespace vivace::model {
namespace {

constexpr const char* kUnknownLicence = "LicenseRef-unknown";
constexpr const char* kGraphFile = "model.onnx";
constexpr std::size_t kPieceBytes = std::size_t{256} << 10;

[[noreturn]] void mismatch(const std::string& message) { throw Error(ErrorCode::model_mismatch, message); }

/// A pair of graph and metadata on its way to a manifest.
struct Draft {
  const EssentiaMetadata& metadata;
  const ImportOptions& options;
  GraphRoles roles;
  Manifest manifest;
  std::vector<std::string> notes;
};

std::string model_name(const fs::path& graph, const ImportOptions& options) {
  std::string name = options.name.empty() ? plain_model_name(graph.stem().string()) : options.name;
  if (!is_model_name(name)) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("{} cannot be the name of a model; choose another", in_quotes(name)));
  }
  return name;
}

std::unique_ptr<runtime::Session> open_on_cpu(const fs::path& graph) {
  return runtime::open_session({.graph = graph, .placement = {.backend = "onnxruntime", .provider = "cpu"}});
}

GraphRoles roles_in(const fs::path& graph, const EssentiaMetadata& metadata, const ImportOptions& options) {
  const auto session = open_on_cpu(graph);
  return find_roles(metadata, session->inputs(), session->outputs(), options.tensors);
}

/// The length of the last axis of `[rows, width]`.
std::size_t width_of(const runtime::TensorInfo& tensor) {
  if (tensor.shape.size() != 2 || tensor.shape[1] < 1) {
    mismatch(fmt::format("tensor {} is {}, must be [batch, width] with a fixed width", in_quotes(tensor.name),
                         shape_text(tensor.shape)));
  }
  return static_cast<std::size_t>(tensor.shape[1]);
}

/// Throws where an axis of the graph is fixed to another length than `expected`.
void require_axis(const runtime::TensorInfo& input, std::size_t axis, std::size_t expected, const char* meaning) {
  const std::int64_t length = input.shape[axis];
  if (length < 0 || static_cast<std::size_t>(length) == expected) return;
  mismatch(fmt::format("input {} is {}, but this class of model has {} {}", in_quotes(input.name),
                       shape_text(input.shape), expected, meaning));
}

void note_other_embedding_width(Draft& draft) {
  for (const EssentiaTensor& described : draft.metadata.outputs) {
    if (described.purpose != "embeddings" || described.shape.empty() || described.shape.back() < 1) continue;
    const auto width = static_cast<std::size_t>(described.shape.back());
    if (width == draft.manifest.embedding_dimension) return;
    draft.notes.push_back(fmt::format("the graph's embeddings have {} values, the metadata says {}; the graph counts",
                                      draft.manifest.embedding_dimension, width));
    return;
  }
}

void fill_activations(Draft& draft) {
  const runtime::TensorInfo& tensor = *draft.roles.activations;
  const std::vector<std::string>& classes = draft.metadata.classes;
  if (classes.empty()) mismatch("the metadata has no classes, so its outputs have no names");
  const std::size_t width = width_of(tensor);
  if (width != classes.size()) {
    mismatch(fmt::format("the metadata has {} classes, but output {} is {}; they are not of the same model",
                         classes.size(), in_quotes(tensor.name), shape_text(tensor.shape)));
  }
  draft.manifest.tensors.activations = tensor.name;
  draft.manifest.activations = Activations{draft.roles.activation_kind, classes};
}

/// Some extractors give activations that nobody named; their embeddings are of use all the same.
void fill_extractor_activations(Draft& draft) {
  if (!draft.roles.activations) return;
  if (draft.metadata.classes.empty() && draft.roles.embeddings) {
    draft.notes.push_back("the metadata has no classes, so the activations are left out");
    return;
  }
  fill_activations(draft);
}

Patching patching_of(const EssentiaRecipe& recipe, const runtime::TensorInfo& input) {
  Patching patch = recipe.patch;
  if (recipe.frames_from_graph && input.shape[1] > 1) {
    patch.frames = static_cast<std::size_t>(input.shape[1]);
    patch.hop = patch.frames - 1;
  }
  if (input.shape[0] > 0) {
    patch.fixed_batch = static_cast<std::size_t>(input.shape[0]);
    patch.batch = patch.fixed_batch;
  }
  return patch;
}

void fill_extractor(Draft& draft) {
  const EssentiaRecipe recipe = essentia_recipe(draft.metadata.algorithm);
  const runtime::TensorInfo& input = draft.roles.input;
  if (input.shape.size() != 3) {
    mismatch(
        fmt::format("input {} is {}, must be [batch, frames, bands]", in_quotes(input.name), shape_text(input.shape)));
  }
  Manifest& manifest = draft.manifest;
  manifest.family = "mel-patch";
  manifest.audio = AudioInput{draft.metadata.sample_rate, "linear"};  // as the examples that Essentia publishes
  manifest.front_end = recipe.front_end;
  manifest.patch = patching_of(recipe, input);
  require_axis(input, 1, manifest.patch->frames, "frames");
  require_axis(input, 2, manifest.front_end->bands, "bands");
  if (draft.roles.embeddings) {
    manifest.tensors.embeddings = draft.roles.embeddings->name;
    manifest.embedding_dimension = width_of(*draft.roles.embeddings);
    note_other_embedding_width(draft);
  }
  fill_extractor_activations(draft);
}

std::string extractor_of(const Draft& draft) {
  const std::string& named = draft.metadata.embedding_model;
  std::string name = draft.options.extractor.empty() ? plain_model_name(named) : draft.options.extractor;
  if (is_model_name(name)) return name;
  mismatch(
      fmt::format("inference.embedding_model.model_name is {}; name the extractor of this head", in_quotes(named)));
}

void fill_head(Draft& draft) {
  const runtime::TensorInfo& input = draft.roles.input;
  const std::size_t dimension = width_of(input);
  if (input.shape[0] > 0) {
    mismatch(fmt::format("input {} is {}; a head must take any number of rows", in_quotes(input.name),
                         shape_text(input.shape)));
  }
  draft.manifest.family = "embedding-head";
  draft.manifest.extractor = ExtractorReference{extractor_of(draft), dimension};
  fill_activations(draft);
}

void fill_licence(Draft& draft) {
  Manifest& manifest = draft.manifest;
  manifest.licence = draft.options.licence;
  manifest.licence_url = draft.options.licence_url;
  if (!manifest.licence.empty()) return;
  if (draft.metadata.link.starts_with(kEssentiaModelsUrl)) {
    manifest.licence = kEssentiaLicence;
    manifest.licence_url = kEssentiaLicenceUrl;
    return;
  }
  manifest.licence = kUnknownLicence;
  draft.notes.push_back("the licence of the weights is not known; import again with --licence to state it");
}

void fill_identity(Draft& draft, const fs::path& graph) {
  Manifest& manifest = draft.manifest;
  manifest.name = model_name(graph, draft.options);
  manifest.task = "embed";
  manifest.version = draft.metadata.version;
  manifest.description = draft.metadata.description.empty() ? draft.metadata.name : draft.metadata.description;
  manifest.source =
      draft.options.source.empty() ? base::to_valid_utf8(graph.filename().string()) : draft.options.source;
  manifest.tensors.input = draft.roles.input.name;
  fill_licence(draft);
}

ModelFile copy_graph(const fs::path& from, const fs::path& folder) {
  std::ifstream source(from, std::ios::binary);
  base::AtomicFile target(folder / kGraphFile);
  base::Sha256 digest;
  ModelFile file{"graph", kGraphFile, 0, ""};
  std::string piece(kPieceBytes, '\0');
  while (source.read(piece.data(), static_cast<std::streamsize>(piece.size())), source.gcount() > 0) {
    const std::string_view bytes(piece.data(), static_cast<std::size_t>(source.gcount()));
    digest.update(bytes);
    target.write(bytes);
    file.bytes += bytes.size();
  }
  if (!source.eof()) throw Error(ErrorCode::unavailable, from.string(), "cannot be read");
  target.commit();
  file.sha256 = digest.finish();
  return file;
}

Draft draft_of(const fs::path& graph, const EssentiaMetadata& metadata, GraphRoles roles,
               const ImportOptions& options) {
  Draft draft{metadata, options, std::move(roles), {}, {}};
  fill_identity(draft, graph);
  if (is_essentia_head(metadata.algorithm)) {
    fill_head(draft);
  } else {
    fill_extractor(draft);
  }
  return draft;
}

/// Errors about the pair name the metadata's file, where most of what is wrong can be mended.
Draft draft_with_context(const fs::path& graph, const fs::path& metadata_path, const EssentiaMetadata& metadata,
                         const ImportOptions& options) {
  try {
    // An unknown class is refused before the graph is loaded.
    if (!is_essentia_head(metadata.algorithm)) essentia_recipe(metadata.algorithm);
    return draft_of(graph, metadata, roles_in(graph, metadata, options), options);
  } catch (const Error& error) {
    if (!error.context().empty()) throw;
    throw Error(error.code(), fmt::format("{} with {}", graph.string(), metadata_path.filename().string()),
                error.message());
  }
}

fs::path make_folder(const fs::path& folder) {
  std::error_code status;
  if (fs::exists(folder, status)) {
    throw Error(ErrorCode::invalid_argument, folder.string(), "exists already; remove it or choose another name");
  }
  fs::create_directories(folder, status);
  if (status) throw Error(ErrorCode::unavailable, folder.string(), "cannot be made: " + status.message());
  return folder;
}

/// A graph may keep its weights in files beside it, which the copy lacks.
void require_whole_graph(const fs::path& copy, const fs::path& original) {
  try {
    open_on_cpu(copy);
  } catch (const Error& error) {
    throw Error(ErrorCode::unsupported, original.string(),
                fmt::format("cannot be loaded without the files beside it; save it as one file, for instance by "
                            "onnx.save(onnx.load(path), one_file): {}",
                            error.message()));
  }
}

/// The manifest goes last: a folder without one is no model.
void write_folder(const fs::path& graph, const fs::path& folder, Manifest& manifest) {
  manifest.files.push_back(copy_graph(graph, folder));
  require_whole_graph(folder / kGraphFile, graph);
  const std::string text = to_toml(manifest);
  parse_manifest(text, (folder / kManifestFile).string());
  base::AtomicFile file(folder / kManifestFile);
  file.write(text);
  file.commit();
}

/// The folder that a model is made in; gone when this is, with the folder around it unless that holds more.
class StagingFolder {
 public:
  explicit StagingFolder(const fs::path& around) : path_(around / "imported") { remove(); }
  StagingFolder(const StagingFolder&) = delete;
  StagingFolder& operator=(const StagingFolder&) = delete;
  ~StagingFolder() {
    remove();
    std::error_code ignored;
    fs::remove(path_.parent_path(), ignored);
  }

  const fs::path& path() const { return path_; }

 private:
  void remove() const {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  fs::path path_;
};

}  // namespace

ImportedModel describe_essentia(const fs::path& graph, const EssentiaMetadata& metadata, const GraphRoles& roles,
                                const ImportOptions& options) {
  Draft draft = draft_of(graph, metadata, roles, options);
  return {{}, std::move(draft.manifest), std::move(draft.notes)};
}

ImportedModel stage_essentia(const fs::path& graph, const fs::path& metadata_path, const fs::path& into,
                             const ImportOptions& options) {
  const EssentiaMetadata metadata = read_essentia_metadata(metadata_path);
  Draft draft = draft_with_context(graph, metadata_path, metadata, options);
  const fs::path folder = make_folder(into / draft.manifest.name);
  try {
    write_folder(graph, folder, draft.manifest);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    throw;
  }
  return {folder, std::move(draft.manifest), std::move(draft.notes)};
}

ImportedModel import_essentia(const Store& store, const fs::path& graph, const fs::path& metadata,
                              const ImportOptions& options) {
  const fs::path around = store.staging_folder(model_name(graph, options));
  const StagingLock lock(around);
  const StagingFolder staging(around);
  ImportedModel imported = stage_essentia(graph, metadata, staging.path(), options);
  imported.folder = store.install(imported.folder);
  return imported;
}

}  // namespace vivace::model
