#include "records/csv_text.hpp"
#include "records/samples.hpp"

namespace vivace::records {
namespace {

using Texts = std::vector<std::string>;

struct CellCase {
  std::string text;
  std::string written;
};

class CsvCell : public ::testing::TestWithParam<CellCase> {};

TEST_P(CsvCell, IsQuotedWhereNeededAndReadBack) {
  std::string written;
  append_csv_cell(written, GetParam().text);
  EXPECT_EQ(written, GetParam().written);
  EXPECT_EQ(csv_cell_text(written), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(Cases, CsvCell,
                         ::testing::Values(CellCase{"plain text", "plain text"}, CellCase{"", R"("")"},
                                           CellCase{"a,b", R"("a,b")"}, CellCase{"\"", R"("""")"},
                                           CellCase{"\"\"a", R"("""""a")"}, CellCase{"a\nb", "\"a\nb\""},
                                           CellCase{"a\r", "\"a\r\""}, CellCase{"é 日本", "é 日本"}));

struct RowCase {
  std::string row;
  Texts cells;
};

class CsvRow : public ::testing::TestWithParam<RowCase> {};

TEST_P(CsvRow, IsSplitAtCommasOutsideQuotes) {
  Texts cells;
  for (const std::string_view cell : split_csv(GetParam().row)) cells.push_back(csv_cell_text(cell));
  EXPECT_EQ(cells, GetParam().cells);
}

INSTANTIATE_TEST_SUITE_P(Cases, CsvRow,
                         ::testing::Values(RowCase{"", {""}}, RowCase{"a,b\n", {"a", "b"}},
                                           RowCase{"a,,\r\n", {"a", "", ""}}, RowCase{",", {"", ""}},
                                           RowCase{"\"a,\"\"b\"\"\n\",c\n", {"a,\"b\"\n", "c"}},
                                           RowCase{"\"\",\"\"\"\"\n", {"", "\""}}, RowCase{"\"torn", {"torn"}}));

TEST(CsvSink, WritesEveryTypeIntoItsColumns) {
  const test::TemporaryFolder folder;
  test::write_all("csv", {folder / "o.csv", test::full_schema(), {"path"}, {}},
                  {test::full_record("a b"), test::failed_record("c,d")});
  EXPECT_EQ(test::read_text(folder / "o.csv"),
            "path,status,silent,samples,rate,embedding,embeddings,tags,error.code,error.message\n"
            "a b,done,true,-9007199254740993,44100.5,\"[1e-45,-3.4028235e+38,-0.0,0.1]\",\"[[1,2],[3,4.5]]\","
            "\"{\"\"drum \\\"\"n\\\"\" bass\"\":0.25,\"\"jazz\"\":0.1}\",,\n"
            "\"c,d\",failed,,,,,,,corrupt_data,\"not \"\"audio\"\"\nat all\"\n");
}

TEST(CsvSink, WritesNullAndNumbersThatAreNotFiniteAsEmptyCellsAndEmptyTextAsQuotes) {
  const test::TemporaryFolder folder;
  const Schema schema = {{"a", FieldType::text}, {"b", FieldType::text}, {"c", FieldType::number}};
  test::write_all("csv", {folder / "o.csv", schema, {}, {}},
                  {{{}, std::string(), std::numeric_limits<double>::infinity()}});
  EXPECT_EQ(test::read_text(folder / "o.csv"), "a,b,c\n,\"\",\n");
}

}  // namespace
}  // namespace vivace::records
