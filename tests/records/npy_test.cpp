#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>

#include "records/samples.hpp"

namespace vivace::records {
namespace {

using test::TemporaryFolder;

struct Npy {
  std::string header;
  std::vector<float> values;
};

/// Reads as the format's description has it: magic, version, header length, header, data.
Npy read_npy(const std::filesystem::path& path) {
  const std::string bytes = test::read_text(path);
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  const std::size_t length = static_cast<unsigned char>(bytes.at(8)) + 256U * static_cast<unsigned char>(bytes.at(9));
  EXPECT_EQ((10 + length) % 64, 0U);
  EXPECT_EQ(bytes.at(10 + length - 1), '\n');
  Npy npy{bytes.substr(10, length), std::vector<float>((bytes.size() - 10 - length) / sizeof(float))};
  if (!npy.values.empty())
    std::memcpy(npy.values.data(), bytes.data() + 10 + length, npy.values.size() * sizeof(float));
  return npy;
}

std::vector<nlohmann::json> read_lines(const std::filesystem::path& path) {
  std::istringstream text(test::read_text(path));
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

bool holds_shape(const Npy& npy, const std::string& shape) {
  return npy.header.starts_with("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }");
}

TEST(NpySink, HoldsTheRowsOfTheMatrixFieldAndAnIndexBeside) {
  const TemporaryFolder folder;
  test::write_all("npy", {folder / "o.npy", test::full_schema(), {"path"}, {}},
                  {test::full_record("a"), test::failed_record("b"), test::full_record("c")});
  const Npy npy = read_npy(folder / "o.npy");
  EXPECT_TRUE(holds_shape(npy, "(4, 2)")) << npy.header;
  EXPECT_EQ(npy.values, (std::vector<float>{1, 2, 3, 4.5F, 1, 2, 3, 4.5F}));
  const auto index = read_lines(folder / "o.index.jsonl");
  ASSERT_EQ(index.size(), 3U);
  EXPECT_EQ(index[1].at("path"), "b");
  EXPECT_EQ(index[1].at("row_count"), 0);
  EXPECT_EQ(index[1].at("error").at("code"), "corrupt_data");
  EXPECT_EQ(index[2].at("row"), 2);
  EXPECT_EQ(index[2].at("row_count"), 2);
  EXPECT_FALSE(index[2].contains("embeddings"));
  EXPECT_EQ(folder.names(), (std::set<std::string>{"o.npy", "o.index.jsonl"}));
}

TEST(NpySink, TakesTheFirstVectorWhereThereIsNoMatrix) {
  const TemporaryFolder folder;
  const Schema schema = {{"path", FieldType::text}, {"v", FieldType::vector}, {"w", FieldType::vector}};
  test::write_all("npy", {folder / "o.npy", schema, {}, {}},
                  {{{}, test::kHardFloats, std::vector<float>{9}}, {{}, {}, {}}, {{}, test::kHardFloats, {}}});
  const Npy npy = read_npy(folder / "o.npy");
  EXPECT_TRUE(holds_shape(npy, "(2, 4)")) << npy.header;
  EXPECT_EQ(std::memcmp(npy.values.data(), test::kHardFloats.data(), 4 * sizeof(float)), 0);
}

TEST(NpySink, OfNoRecordsIsAnEmptyMatrix) {
  const TemporaryFolder folder;
  test::write_all("npy", {folder / "o.npy", test::full_schema(), {}, {}}, {});
  EXPECT_TRUE(holds_shape(read_npy(folder / "o.npy"), "(0, 2)"));
  EXPECT_TRUE(read_lines(folder / "o.index.jsonl").empty());
}

TEST(NpySink, LeavesNothingWithoutFinish) {
  const TemporaryFolder folder;
  open_sink("npy", {folder / "o.npy", test::full_schema(), {}, {}})->write(test::full_record());
  EXPECT_TRUE(folder.names().empty());
}

TEST(NpySink, RefusesRowsOfAnotherLengthAndGoesOn) {
  const TemporaryFolder folder;
  const auto sink = open_sink("npy", {folder / "o.npy", {{"v", FieldType::vector}}, {}, {}});
  sink->write({std::vector<float>{1, 2}});
  test::expect_error(ErrorCode::invalid_argument, [&] { sink->write({std::vector<float>{1, 2, 3}}); });
  sink->write({std::vector<float>{3, 4}});
  sink->finish();
  EXPECT_TRUE(holds_shape(read_npy(folder / "o.npy"), "(2, 2)"));
}

TEST(NpySink, NeedsAVector) {
  const TemporaryFolder folder;
  test::expect_error(ErrorCode::invalid_argument, [&] {
    open_sink("npy", {folder / "o.npy", {{"a", FieldType::text}}, {}, {}});
  });
}

}  // namespace
}  // namespace vivace::records
