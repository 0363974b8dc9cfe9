#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/manifest.hpp"
#include "support/temporary_folder.hpp"
#include "vivace/error.hpp"

namespace vivace::model::testing {

using test_support::TemporaryFolder;

void write_text(const std::filesystem::path& path, const std::string& bytes);
std::string read_text(const std::filesystem::path& path);

/// Text manifests that are right in all.
std::string extractor_toml();
std::string head_toml();

/// Writes `<parent>/<name>` with a file of a few bytes and a manifest that fits.
std::filesystem::path write_extractor(const std::filesystem::path& parent, const std::string& name,
                                      std::size_t dimension = 1280);
std::filesystem::path write_head(const std::filesystem::path& parent, const std::string& name,
                                 const std::string& extractor, std::size_t dimension = 1280);

/// Metadata as Essentia publishes it for Discogs-EffNet (two classes instead of 400) and for a head.
nlohmann::json effnet_metadata();
nlohmann::json head_metadata();

/// Fails the test, showing the text, where it lacks `part`.
void expect_contains(const std::string& text, const std::string& part);

void report_wrong_code(const Error& error, ErrorCode expected);
void report_no_error();

/// Runs `action`, which must throw Error with this code; returns its text ("" and a test failure otherwise).
template <typename Action>
std::string error_of(ErrorCode code, Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    if (error.code() != code) report_wrong_code(error, code);
    return error.what();
  }
  report_no_error();
  return "";
}

}  // namespace vivace::model::testing
