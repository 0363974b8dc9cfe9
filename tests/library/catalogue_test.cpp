#include "library/catalogue.hpp"

#include <gtest/gtest.h>

#include "sample_library.hpp"
#include "support/errors.hpp"

namespace vivace::library {
namespace {

namespace fs = std::filesystem;

std::string only_path_of(Database& database, std::int64_t track) {
  Query row(database, "SELECT path FROM tracks WHERE id = ?", track);
  return row.step() ? row.text(0) : "";
}

TEST(Catalogue, SecondLookFindsNothingNew) {
  const SampleLibrary library(5);
  Database database = open_library(library);
  EXPECT_EQ(library.scan(database).added, 5U);
  const CatalogueReport again = library.scan(database);
  EXPECT_EQ(again.found, 5U);
  EXPECT_EQ(again.added + again.changed + again.moved + again.missing, 0U);
}

TEST(Catalogue, ChangedFileLosesItsResults) {
  const SampleLibrary library(3);
  Database database = open_library(library);
  library.analyse(database, {sample_set("a")});
  test::write_text(library.music() / "track 1.mp3", "longer than before");
  EXPECT_EQ(library.scan(database).changed, 1U);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM features_a"), 2);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM results"), 2);
}

TEST(Catalogue, MovedFileKeepsItsResults) {
  const SampleLibrary library(3);
  Database database = open_library(library);
  library.analyse(database, {sample_set("a")});
  fs::create_directories(library.music() / "new");
  fs::rename(library.music() / "track 2.mp3", library.music() / "new/other.mp3");
  const CatalogueReport report = library.scan(database);
  EXPECT_EQ(report.moved, 1U);
  EXPECT_EQ(report.missing, 0U);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM features_a"), 3);
}

TEST(Catalogue, FilesThatCannotBeToldApartAreTakenForNewUnlessTheirNamesSay) {
  const SampleLibrary library(1);
  Database database = open_library(library);
  const fs::file_time_type time = fs::last_write_time(library.music() / "track 0.mp3");
  for (const char* name : {"a.mp3", "b.mp3"}) {
    test::write_text(library.music() / name, "same");
    fs::last_write_time(library.music() / name, time);
  }
  library.scan(database);
  const std::int64_t a = integer_of(database, "SELECT id FROM tracks WHERE path LIKE '%a.mp3'");
  fs::create_directories(library.music() / "new");
  fs::rename(library.music() / "a.mp3", library.music() / "new/a.mp3");
  fs::rename(library.music() / "b.mp3", library.music() / "new/c.mp3");
  const CatalogueReport report = library.scan(database);
  EXPECT_EQ(report.moved, 1U);
  EXPECT_EQ(only_path_of(database, a), (library.music() / "new/a.mp3").string());
}

TEST(Catalogue, CopyIsNoMove) {
  const SampleLibrary library(3);
  Database database = open_library(library);
  library.scan(database);
  fs::copy(library.music() / "track 2.mp3", library.music() / "copy.mp3");
  fs::last_write_time(library.music() / "copy.mp3", fs::last_write_time(library.music() / "track 2.mp3"));
  const CatalogueReport report = library.scan(database);
  EXPECT_EQ(report.added, 1U);
  EXPECT_EQ(report.moved, 0U);
}

TEST(Catalogue, MissingFileIsMarkedAndComesBack) {
  const SampleLibrary library(2);
  Database database = open_library(library);
  library.analyse(database, {sample_set("a")});
  const fs::path away = library.music() / ".." / "away.mp3";
  fs::rename(library.music() / "track 1.mp3", away);
  EXPECT_EQ(library.scan(database).missing, 1U);
  EXPECT_EQ(library.scan(database).missing, 0U);
  fs::rename(away, library.music() / "track 1.mp3");
  EXPECT_EQ(library.scan(database).found, 2U);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM tracks WHERE state = 'present'"), 2);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM features_a"), 2);
}

TEST(Catalogue, TracksOfOtherFoldersAndPartsAreLeftAlone) {
  const SampleLibrary library(20);
  Database database = open_library(library);
  library.scan(database);
  const SampleLibrary other(1);
  const CatalogueReport elsewhere = other.scan(database);
  EXPECT_EQ(elsewhere.missing, 0U);
  std::size_t found = 0;
  for (std::uint32_t part = 0; part < 3; ++part) {
    const CatalogueReport report = library.scan(database, {.shard = {part, 3}});
    EXPECT_EQ(report.missing + report.added, 0U);
    found += report.found;
  }
  EXPECT_EQ(found, 20U);
}

TEST(Catalogue, RootThatIsNotThereIsAnError) {
  test::expect_error(ErrorCode::not_found, [] { absolute_roots({"/no/such/folder"}); });
}

}  // namespace
}  // namespace vivace::library
