#include "model/model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "model/catalog.hpp"
#include "model/essentia_recipe.hpp"
#include "model/verify.hpp"
#include "model/wording.hpp"
#include "vivace/error.hpp"

namespace vivace::model {
namespace {

constexpr std::string_view kSeeded = "-seeded";

/// A seeded model stands in for the trained one of the same architecture.
std::string without_seeded(std::string name) {
  if (name.ends_with(kSeeded)) name.resize(name.size() - kSeeded.size());
  return name;
}

std::vector<std::string> split(const std::string& names) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= names.size()) {
    const std::size_t end = std::min(names.find('+', begin), names.size());
    parts.push_back(names.substr(begin, end - begin));
    if (parts.back().empty()) {
      throw Error(ErrorCode::invalid_argument, in_quotes(names), "must be an extractor and its heads joined by '+'");
    }
    begin = end + 1;
  }
  return parts;
}

bool is_one_folder(const std::string& path) {
  std::error_code status;
  return std::filesystem::exists(std::filesystem::path(path) / kManifestFile, status);
}

/// The names under which a head may be installed, most exact first.
std::vector<std::string> possible_names(const std::string& head, const std::string& extractor) {
  const std::string trained = without_seeded(extractor);
  std::vector<std::string> names{head, plain_model_name(head)};
  for (const std::string& owner : {extractor, trained, trained + std::string(kSeeded)}) {
    names.push_back(fmt::format("{}-{}", head, owner));
    for (int version = 1; version <= 3; ++version) names.push_back(fmt::format("{}-{}-{}", head, owner, version));
  }
  names.push_back(head + std::string(kSeeded));
  return names;
}

std::string locate_head(const std::string& head, const Model& extractor, const Store& store) {
  for (const std::string& name : possible_names(head, extractor.manifest.name)) {
    if (const auto folder = store.find_installed(name)) return folder->string();
  }
  if (head.find('/') != std::string::npos || is_one_folder(head)) return head;
  const std::string full_name = fmt::format("{}-{}", head, without_seeded(extractor.manifest.name));
  return find_in_catalog(full_name) ? full_name : head;
}

void require_fit(const Model& head, const Model& extractor) {
  const ExtractorReference& wanted = *head.manifest.extractor;
  const Manifest& given = extractor.manifest;
  if (without_seeded(wanted.name) != without_seeded(given.name)) {
    throw Error(ErrorCode::model_mismatch, fmt::format("head '{}'", head.manifest.name),
                fmt::format("works on the embeddings of '{}', not of '{}'; use {}+{}", wanted.name, given.name,
                            wanted.name, head.manifest.name));
  }
  if (wanted.dimension != given.embedding_dimension) {
    throw Error(ErrorCode::model_mismatch, fmt::format("head '{}'", head.manifest.name),
                fmt::format("takes embeddings of {} values, '{}' gives {}", wanted.dimension, given.name,
                            given.embedding_dimension));
  }
}

Model find_head(const std::string& name, const Model& extractor, const Store& store) {
  Model head = find_model(locate_head(name, extractor, store), store);
  if (!is_head(head.manifest)) {
    throw Error(ErrorCode::invalid_argument, fmt::format("model '{}'", head.manifest.name),
                fmt::format("is no head, so it cannot follow '{}'", extractor.manifest.name));
  }
  require_fit(head, extractor);
  return head;
}

void require_new(const Model& head, const ModelChain& chain) {
  for (const Model& other : chain.heads) {
    if (other.manifest.name != head.manifest.name) continue;
    throw Error(ErrorCode::invalid_argument, fmt::format("head '{}'", head.manifest.name),
                "is named twice; once will do");
  }
}

}  // namespace

std::string graph_role(const Manifest& manifest, const std::string& backend) {
  const bool has_own = std::any_of(manifest.files.begin(), manifest.files.end(),
                                   [&](const ModelFile& file) { return file.role == backend; });
  return has_own ? backend : "graph";
}

Model find_model(const std::string& name_or_path, const Store& store) {
  Model model;
  model.folder = store.find(name_or_path);
  model.manifest = read_manifest(model.folder);
  return model;
}

ModelChain find_chain(const std::string& names_or_paths, const Store& store) {
  std::vector<std::string> parts = is_one_folder(names_or_paths) ? std::vector{names_or_paths} : split(names_or_paths);
  ModelChain chain{find_model(parts.front(), store), {}};
  const Manifest& first = chain.extractor.manifest;
  if (is_separator(first)) {
    throw Error(ErrorCode::invalid_argument, fmt::format("model '{}'", first.name),
                "separates stems (vivace separate) and gives no embeddings");
  }
  if (!is_extractor(first)) {
    throw Error(ErrorCode::invalid_argument, fmt::format("model '{}'", first.name),
                fmt::format("is a head; put its extractor in front: {}+{}", first.extractor->name, first.name));
  }
  for (std::size_t i = 1; i < parts.size(); ++i) {
    Model head = find_head(parts[i], chain.extractor, store);
    require_new(head, chain);
    chain.heads.push_back(std::move(head));
  }
  return chain;
}

void verify(const ModelChain& chain, const base::KnownDigests& known) {
  verify(chain.extractor.folder, chain.extractor.manifest, known);
  for (const Model& head : chain.heads) verify(head.folder, head.manifest, known);
}

}  // namespace vivace::model
