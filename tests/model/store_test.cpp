#include "model/store.hpp"

#include <gtest/gtest.h>

#include "model/samples.hpp"
#include "model/verify.hpp"
#include "support/environment.hpp"

namespace fs = std::filesystem;

namespace vivace::model {
namespace {

using test::expect_contains;
using test::expect_error;
using test::ScopedEnvironment;

class StoreTest : public ::testing::Test {
 protected:
  fs::path first() const { return folder_.path() / "first"; }
  fs::path second() const { return folder_.path() / "second"; }
  Store store() const { return Store({first(), second()}, {first(), second()}); }

  test::TemporaryFolder folder_;
};

TEST_F(StoreTest, FirstFolderOfTheSearchPathWins) {
  test::write_extractor(second(), "a");
  EXPECT_EQ(store().find("a"), second() / "a");
  test::write_extractor(first(), "a");
  EXPECT_EQ(store().find("a"), first() / "a");
}

TEST_F(StoreTest, PathIsTakenAsItStands) {
  const fs::path folder = test::write_extractor(folder_.path() / "else where", "a");
  EXPECT_EQ(store().find(folder.string()), folder);
  expect_contains(expect_error(ErrorCode::not_found, [&] { store().find("./nothing"); }), "no model here");
}

TEST_F(StoreTest, UnknownNameListsWhatIsThere) {
  test::write_extractor(first(), "track10");
  test::write_extractor(second(), "track2");
  const std::string message = expect_error(ErrorCode::not_found, [&] { store().find("track3"); });
  EXPECT_EQ(message, "model 'track3': not installed (installed: track2, track10); did you mean 'track2'?");
}

TEST_F(StoreTest, KnownNameSaysHowToGetIt) {
  EXPECT_EQ(expect_error(ErrorCode::not_found, [&] { store().find("discogs-effnet"); }),
            "model 'discogs-effnet': not installed; get it with 'vivace model pull discogs-effnet' (installed: none)");
}

TEST_F(StoreTest, NamesCannotLeaveTheStore) {
  test::write_extractor(folder_.path(), "outside");
  for (const char* name : {"..", ".", "", ".staging"}) expect_error(ErrorCode::not_found, [&] { store().find(name); });
  EXPECT_EQ(store().find_installed("../outside"), std::nullopt);
  expect_error(ErrorCode::invalid_argument, [&] { store().staging_folder("../x"); });
}

TEST_F(StoreTest, ListHasBrokenModelsWithTheirReason) {
  test::write_extractor(first(), "good");
  test::write_text(first() / "bad" / "model.toml", "format = 3\n");
  test::write_text(first() / "empty" / "readme", "");
  test::write_text(first() / "a file", "");
  fs::rename(test::write_extractor(first(), "old-name"), first() / "renamed");
  const std::vector<InstalledModel> models = store().list();
  ASSERT_EQ(models.size(), 4U);
  EXPECT_EQ(models[0].name, "bad");
  expect_contains(models[0].problem, "format is 3");
  expect_contains(models[1].problem, "no such file");
  EXPECT_EQ(models[2].manifest->name, "good");
  expect_contains(models[3].problem, "names it 'old-name'");
}

TEST_F(StoreTest, ListIsEmptyWithoutFolders) { EXPECT_TRUE(store().list().empty()); }

TEST_F(StoreTest, InstallMovesAVerifiedModel) {
  const fs::path staged = test::write_extractor(store().staging_folder("a") / "work", "a");
  EXPECT_EQ(store().install(staged), first() / "a");
  EXPECT_FALSE(fs::exists(staged));
  verify(first() / "a");
}

TEST_F(StoreTest, DamagedModelIsNotInstalledAndTheOldOneStays) {
  test::write_extractor(first(), "a", 100);
  const fs::path staged = test::write_extractor(store().staging_folder("a") / "work", "a", 200);
  test::write_text(staged / "model.onnx", "something else");
  expect_error(ErrorCode::corrupt_data, [&] { store().install(staged); });
  EXPECT_EQ(read_manifest(first() / "a").embedding_dimension, 100U);
}

TEST_F(StoreTest, InstallFallsBackToTheNextFolder) {
  test::write_text(first(), "a file where the folder should be");
  EXPECT_EQ(store().install_root(), second());
  const Store nowhere({}, {first()});
  expect_contains(expect_error(ErrorCode::unavailable, [&] { nowhere.install_root(); }), "set VIVACE_MODELS");
}

TEST(StoreEnvironment, GivesTheSearchPath) {
  const ScopedEnvironment models("VIVACE_MODELS", "/a:/b c:");
  const ScopedEnvironment data("XDG_DATA_HOME", "/data");
  const auto path = Store::from_environment().search_path();
  ASSERT_EQ(path.size(), 4U);
  EXPECT_EQ(path[0], "/a");
  EXPECT_EQ(path[1], "/b c");
  EXPECT_EQ(path[2], "/data/vivace/models");
  EXPECT_TRUE(path[3].string().ends_with("/share/vivace/models"));
}

TEST(StoreEnvironment, WithoutOneModelsAreBelowTheHome) {
  const ScopedEnvironment models("VIVACE_MODELS", std::nullopt);
  const ScopedEnvironment home("HOME", "/home/someone");
  for (const auto& value : {std::optional<std::string>(), std::optional<std::string>("a/relative/path")}) {
    const ScopedEnvironment data("XDG_DATA_HOME", value);
    EXPECT_EQ(Store::from_environment().search_path().at(0), "/home/someone/.local/share/vivace/models");
  }
}

class Verify : public StoreTest {
 protected:
  fs::path model_ = test::write_extractor(folder_.path(), "a");
};

TEST_F(Verify, NamesTheDamagedFileAndBothValues) {
  const std::string expected = read_manifest(model_).file("graph").sha256;
  test::write_text(model_ / "model.onnx", "graph of b");
  const std::string hash = expect_error(ErrorCode::corrupt_data, [&] { verify(model_); });
  EXPECT_TRUE(hash.starts_with((model_ / "model.onnx").string() + ": has SHA-256 ")) << hash;
  expect_contains(hash, "expected " + expected);
  test::write_text(model_ / "model.onnx", "graph");
  expect_contains(expect_error(ErrorCode::corrupt_data, [&] { verify(model_); }), "is 5 bytes, expected 10");
  fs::remove(model_ / "model.onnx");
  expect_contains(expect_error(ErrorCode::corrupt_data, [&] { verify(model_); }), "is missing");
  fs::create_directory(model_ / "model.onnx");
  expect_contains(expect_error(ErrorCode::corrupt_data, [&] { verify(model_); }), "is not a file");
}

TEST_F(Verify, LinkOutOfTheFolderIsRefusedAndOneInsideIsNot) {
  fs::rename(model_ / "model.onnx", model_ / "real.onnx");
  fs::create_symlink("real.onnx", model_ / "model.onnx");
  verify(model_);
  fs::rename(model_ / "real.onnx", folder_.path() / "real.onnx");
  fs::remove(model_ / "model.onnx");
  fs::create_symlink("../real.onnx", model_ / "model.onnx");
  expect_contains(expect_error(ErrorCode::corrupt_data, [&] { verify(model_); }), "leads out");
}

}  // namespace
}  // namespace vivace::model
