#include "library/database.hpp"

#include <gtest/gtest.h>

#include "library/digest.hpp"
#include "sample_library.hpp"
#include "support/errors.hpp"

namespace vivace::library {
namespace {

using test::expect_contains;
using test::expect_error;

TEST(Database, IsMadeOnceAndOpenedByManyAtATime) {
  const SampleLibrary library(0);
  Database first = open_library(library);
  Database second = open_library(library);
  EXPECT_EQ(content_digest(first), content_digest(second));
}

TEST(Database, ThatIsNotThereCannotBeRead) {
  const SampleLibrary library(0);
  expect_error(ErrorCode::not_found, [&] { Database(library.path(), Database::Access::read); });
}

TEST(Database, WithoutItsFolderCannotBeMade) {
  const SampleLibrary library(0);
  expect_error(ErrorCode::unavailable, [&] { Database(library.path() / "no/folder.db", Database::Access::write); });
}

TEST(Database, OtherFilesAreNotTouched) {
  const SampleLibrary library(0);
  const std::string text =
      "a text that is longer than the header of a database, or so it is meant to be; "
      "it goes on and on, as SQLite takes files that are shorter for empty ones";
  test::write_text(library.path(), text);
  for (const auto access : {Database::Access::read, Database::Access::write}) {
    expect_error(ErrorCode::corrupt_data, [&] { Database(library.path(), access); });
  }
  EXPECT_EQ(test::read_text(library.path()), text);
}

TEST(Database, LockedByAnotherProgramSaysSo) {
  const SampleLibrary library(1);
  Database database = open_library(library);
  SQLite::Database foreign(library.path().string(), SQLite::OPEN_READWRITE);
  foreign.exec("BEGIN IMMEDIATE");
  expect_contains(expect_error(ErrorCode::unavailable, [&] { library.scan(database); }), "in use by another process");
  foreign.exec("COMMIT");
  EXPECT_EQ(library.scan(database).added, 1U);
}

TEST(Database, ThatIsFullSaysSoAndGoesOnWhenThereIsRoom) {
  const SampleLibrary library(3000);
  Database database = open_library(library);
  const auto pages = database.connection().execAndGet("PRAGMA page_count").getInt();
  database.connection().exec("PRAGMA max_page_count = " + std::to_string(pages + 20));
  expect_contains(expect_error(ErrorCode::resource_exhausted, [&] { library.scan(database); }), "full");
  database.connection().exec("PRAGMA max_page_count = 1000000");
  EXPECT_EQ(library.scan(database).added, 3000U);
}

/// Gives a library the tables that the first schema had.
void take_back_to_schema_1(Database& database) {
  database.connection().exec(R"sql(
    CREATE TABLE old (track INTEGER NOT NULL, feature_set INTEGER NOT NULL, state TEXT, version INTEGER,
      configuration_hash TEXT, seconds REAL, finished_at REAL, error_code TEXT, error_message TEXT,
      PRIMARY KEY (track, feature_set)) WITHOUT ROWID;
    INSERT INTO old SELECT * FROM results;
    DROP TABLE results;
    DROP TABLE deaths;
    ALTER TABLE old RENAME TO results;
    PRAGMA user_version = 1)sql");
}

TEST(Database, OfTheFirstSchemaIsReadAndBroughtToThisOne) {
  const SampleLibrary library(3);
  std::string digest;
  {
    Database database = open_library(library);
    library.analyse(database, {sample_set("a"), sample_set("b")});
    digest = content_digest(database);
    take_back_to_schema_1(database);
  }
  {
    Database old(library.path(), Database::Access::read);
    EXPECT_EQ(content_digest(old), digest);
  }
  Database database = open_library(library);
  EXPECT_EQ(content_digest(database), digest);
  EXPECT_EQ(library.analyse(database, {sample_set("a"), sample_set("b")}).open, 0U);
  EXPECT_EQ(integer_of(database, "PRAGMA user_version"), 2);
}

TEST(Database, ThatIsToBeChangedMustBeThere) {
  const SampleLibrary library(0);
  expect_error(ErrorCode::not_found, [&] { Database(library.path(), Database::Access::change); });
  EXPECT_FALSE(std::filesystem::exists(library.path()));
}

TEST(Database, TransactionIsUndoneByAnException) {
  const SampleLibrary library(0);
  Database database = open_library(library);
  const auto half = [&] {
    database.transaction([&] {
      execute(database, "INSERT INTO meta VALUES ('a', 1)");
      throw Error(ErrorCode::internal, "half-way");
    });
  };
  expect_error(ErrorCode::internal, half);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM meta WHERE key = 'a'"), 0);
}

}  // namespace
}  // namespace vivace::library
