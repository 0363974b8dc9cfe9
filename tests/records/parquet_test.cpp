#include <arrow/api.h>
#include <arrow/io/file.h>
#include <parquet/arrow/reader.h>

#include <cmath>
#include <cstring>

#include "records/samples.hpp"

namespace vivace::records {
namespace {

using test::TemporaryFolder;

/// Keeps the file open for as long as its parts are looked at.
std::unique_ptr<parquet::arrow::FileReader> open_parquet(const std::filesystem::path& path) {
  const auto file = arrow::io::ReadableFile::Open(path.string()).ValueOrDie();
  return parquet::arrow::OpenFile(file, arrow::default_memory_pool()).ValueOrDie();
}

std::shared_ptr<arrow::Table> read_parquet(const std::filesystem::path& path) {
  return open_parquet(path)->ReadTable().ValueOrDie();
}

template <typename Array>
std::shared_ptr<Array> column(const arrow::Table& table, const std::string& name) {
  return std::dynamic_pointer_cast<Array>(table.GetColumnByName(name)->chunk(0));
}

TEST(ParquetSink, IsReadBackByArrow) {
  const TemporaryFolder folder;
  test::write_all("parquet", {folder / "o.parquet", test::full_schema(), {"path"}, {}},
                  {test::full_record(), test::failed_record("b"), test::full_record("c")});
  const auto table = read_parquet(folder / "o.parquet");
  ASSERT_TRUE(table->ValidateFull().ok());
  ASSERT_EQ(table->num_rows(), 3);

  EXPECT_EQ(column<arrow::StringArray>(*table, "path")->GetString(0), test::kHardText);
  EXPECT_EQ(column<arrow::Int64Array>(*table, "samples")->Value(0), -9007199254740993);
  EXPECT_EQ(column<arrow::DoubleArray>(*table, "rate")->Value(2), 44100.5);
  EXPECT_TRUE(column<arrow::BooleanArray>(*table, "silent")->IsNull(1));

  const auto vectors = column<arrow::FixedSizeListArray>(*table, "embedding");
  ASSERT_EQ(vectors->value_length(), 4);
  EXPECT_TRUE(vectors->IsNull(1));
  const auto last = std::static_pointer_cast<arrow::FloatArray>(vectors->value_slice(2));
  EXPECT_EQ(std::memcmp(last->raw_values(), test::kHardFloats.data(), 4 * sizeof(float)), 0);

  const auto matrices = column<arrow::ListArray>(*table, "embeddings");
  EXPECT_EQ(matrices->value_length(0), 2);
  EXPECT_TRUE(matrices->IsNull(1));

  const auto tags = column<arrow::MapArray>(*table, "tags");
  EXPECT_EQ(std::static_pointer_cast<arrow::StringArray>(tags->keys())->GetString(0), "drum \"n\" bass");
  EXPECT_EQ(std::static_pointer_cast<arrow::FloatArray>(tags->items())->Value(1), 0.1F);

  const auto errors = column<arrow::StructArray>(*table, "error");
  EXPECT_TRUE(errors->IsNull(0));
  EXPECT_EQ(std::static_pointer_cast<arrow::StringArray>(errors->field(1))->GetString(1), "not \"audio\"\nat all");
}

TEST(ParquetSink, DescribesTheFields) {
  const TemporaryFolder folder;
  test::write_all("parquet", {folder / "o.parquet", test::full_schema(), {}, {}}, {});
  const auto table = read_parquet(folder / "o.parquet");
  EXPECT_EQ(table->num_rows(), 0);
  const auto metadata = table->schema()->GetFieldByName("rate")->metadata();
  EXPECT_EQ(metadata->Get("unit").ValueOrDie(), "Hz");
  EXPECT_EQ(metadata->Get("description").ValueOrDie(), "sampling rate");
}

TEST(ParquetSink, TakesVectorsAndMatricesOfAnyLength) {
  const TemporaryFolder folder;
  const Schema schema = {{"v", FieldType::vector}, {"m", FieldType::matrix}};
  test::write_all("parquet", {folder / "o.parquet", schema, {}, {}},
                  {{std::vector<float>{1, 2, 3}, Matrix{1, 2, {1, 2}}}, {std::vector<float>{}, Matrix{}}});
  const auto table = read_parquet(folder / "o.parquet");
  EXPECT_EQ(column<arrow::ListArray>(*table, "v")->value_length(0), 3);
  EXPECT_EQ(column<arrow::ListArray>(*table, "v")->value_length(1), 0);
  EXPECT_EQ(column<arrow::ListArray>(*table, "m")->value_length(0), 1);
}

TEST(ParquetSink, WritesGroupsOfAThousandRecords) {
  const TemporaryFolder folder;
  const Schema schema = {{"n", FieldType::integer}, {"x", FieldType::number}};
  std::vector<Record> records;
  for (std::int64_t i = 0; i < 2500; ++i) records.push_back({i, std::nan("")});
  test::write_all("parquet", {folder / "o.parquet", schema, {}, {}}, records);
  const auto reader = open_parquet(folder / "o.parquet");
  EXPECT_EQ(reader->num_row_groups(), 3);
  const auto table = reader->ReadTable().ValueOrDie();
  EXPECT_EQ(table->num_rows(), 2500);
  EXPECT_EQ(table->GetColumnByName("x")->null_count(), 2500);
}

TEST(ParquetSink, LeavesNothingWithoutFinish) {
  const TemporaryFolder folder;
  open_sink("parquet", {folder / "o.parquet", test::full_schema(), {}, {}})->write(test::full_record());
  EXPECT_TRUE(folder.names().empty());
}

}  // namespace
}  // namespace vivace::records
