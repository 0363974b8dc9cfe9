#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>

#include "records/samples.hpp"

namespace vivace::records {
namespace {

using test::TemporaryFolder;

TEST(JsonlSink, IsReadBackByAnotherParser) {
  const TemporaryFolder folder;
  test::write_all("jsonl", {folder / "o.jsonl", test::full_schema(), {"path"}, {}},
                  {test::full_record(), test::failed_record("b")});
  std::istringstream lines(test::read_text(folder / "o.jsonl"));
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const auto done = nlohmann::ordered_json::parse(line);
  EXPECT_EQ(done.begin().key(), "path");
  EXPECT_EQ(done.at("path"), test::kHardText);
  const auto floats = done.at("embedding").get<std::vector<float>>();
  EXPECT_EQ(std::memcmp(floats.data(), test::kHardFloats.data(), 4 * sizeof(float)), 0);
  EXPECT_EQ(done.at("embeddings"), nlohmann::ordered_json::parse("[[1,2],[3,4.5]]"));
  ASSERT_TRUE(std::getline(lines, line));
  const auto failed = nlohmann::ordered_json::parse(line);
  EXPECT_EQ(failed.at("error").at("code"), "corrupt_data");
  EXPECT_TRUE(failed.at("embedding").is_null());
  EXPECT_FALSE(std::getline(lines, line));
}

TEST(JsonlSink, WritesToStandardOutputRecordByRecord) {
  const auto sink = open_sink("jsonl", {"-", {{"a", FieldType::text}}, {"a"}, {}});
  ::testing::internal::CaptureStdout();
  sink->write({std::string("x")});
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "{\"a\":\"x\"}\n");
  EXPECT_NO_THROW(sink->finish());
}

struct StoredCase {
  std::string what;
  std::string text;
};

class NotJsonLines : public ::testing::TestWithParam<StoredCase> {};

TEST_P(NotJsonLines, AreCorruptData) {
  const TemporaryFolder folder;
  test::write_text(folder / "o.jsonl", "{\"path\":\"a\"}\n" + GetParam().text);
  SCOPED_TRACE(GetParam().what);
  test::expect_contains(
      test::expect_error(ErrorCode::corrupt_data, [&] { read_existing("jsonl", folder / "o.jsonl", {"path"}); }),
      "line 2");
}

INSTANTIATE_TEST_SUITE_P(
    Cases, NotJsonLines,
    ::testing::Values(StoredCase{"an array", "[1]\n"}, StoredCase{"a number", "1\n"},
                      StoredCase{"a text", "\"path\"\n"}, StoredCase{"no JSON", "{path: a}\n"},
                      StoredCase{"an empty line", "\n"},
                      StoredCase{"a torn object", "{\"path\":\"b\",\"status\":\"done\",\"v\":[1\n"},
                      StoredCase{"no key", "{\"name\":\"b\"}\n"}, StoredCase{"a null key", "{\"path\":null}\n"},
                      StoredCase{"a nested key", "{\"x\":{\"path\":\"b\"}}\n"},
                      StoredCase{"zeros", std::string(8, '\0') + "\n"}));

TEST(JsonlReading, FindsKeysWhereverTheyStand) {
  const TemporaryFolder folder;
  test::write_text(folder / "o.jsonl",
                   "{\"v\":[[1,2],{\"path\":\"no\"}],\"status\":null,\"model\":\"m\",\"path\":\"a\\n\\u00e9\"}\r\n"
                   "{\"path\":\"b\",\"model\":\"m\",\"status\":\"failed\"}");
  const auto records = read_existing("jsonl", folder / "o.jsonl", {"path", "model"});
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].key, (std::vector<std::string>{"a\né", "m"}));
  EXPECT_FALSE(records[0].failed);
  EXPECT_EQ(records[1].key, (std::vector<std::string>{"b", "m"}));
  EXPECT_TRUE(records[1].failed);
}

}  // namespace
}  // namespace vivace::records
