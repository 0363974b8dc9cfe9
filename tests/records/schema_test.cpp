#include "records/schema.hpp"

#include "records/samples.hpp"

namespace vivace::records {
namespace {

using test::expect_error;

TEST(ColumnNames, GiveAFailureTwoColumns) {
  EXPECT_EQ(column_names({{"a", FieldType::text}, {"e", FieldType::failure}}),
            (std::vector<std::string>{"a", "e.code", "e.message"}));
}

struct SchemaCase {
  std::string what;
  Schema schema;
  std::vector<std::string> keys;
};

class BadSchema : public ::testing::TestWithParam<SchemaCase> {};

TEST_P(BadSchema, IsRefused) {
  SCOPED_TRACE(GetParam().what);
  expect_error(ErrorCode::invalid_argument, [] { check_schema(GetParam().schema, GetParam().keys); });
}

INSTANTIATE_TEST_SUITE_P(
    Cases, BadSchema,
    ::testing::Values(SchemaCase{"a name twice", {{"a", FieldType::text}, {"a", FieldType::number}}, {}},
                      SchemaCase{"no name", {{"", FieldType::text}}, {}},
                      SchemaCase{"a column twice", {{"e", FieldType::failure}, {"e.code", FieldType::text}}, {}},
                      SchemaCase{"an unknown key", {{"a", FieldType::text}}, {"b"}},
                      SchemaCase{"a key that is no text", {{"a", FieldType::number}}, {"a"}}));

struct RecordCase {
  std::string what;
  Record record;
};

class BadRecord : public ::testing::TestWithParam<RecordCase> {};

TEST_P(BadRecord, IsRefused) {
  const Schema schema = {{"v", FieldType::vector, 2}, {"m", FieldType::matrix, 2}, {"n", FieldType::integer}};
  SCOPED_TRACE(GetParam().what);
  expect_error(ErrorCode::invalid_argument, [&] { check_record(schema, GetParam().record); });
}

INSTANTIATE_TEST_SUITE_P(Cases, BadRecord,
                         ::testing::Values(RecordCase{"too few values", {{}, {}}},
                                           RecordCase{"too many values", {{}, {}, {}, {}}},
                                           RecordCase{"another type", {{}, {}, 1.5}},
                                           RecordCase{"a short vector", {std::vector<float>{1}, {}, {}}},
                                           RecordCase{"other columns", {{}, Matrix{1, 3, {1, 2, 3}}, {}}},
                                           RecordCase{"a torn matrix", {{}, Matrix{2, 2, {1, 2, 3}}, {}}}));

TEST(CheckRecord, TakesNullsEverywhere) { EXPECT_NO_THROW(check_record({{"v", FieldType::vector, 2}}, {{}})); }

}  // namespace
}  // namespace vivace::records
