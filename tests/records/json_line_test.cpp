#include "records/json_line.hpp"

#include <clocale>
#include <cmath>
#include <cstring>
#include <limits>
#include <locale>
#include <nlohmann/json.hpp>
#include <random>

#include "records/samples.hpp"

namespace vivace::records {
namespace {

using test::expect_error;

struct JsonCase {
  Value value;
  std::string expected;
};

class JsonOf : public ::testing::TestWithParam<JsonCase> {};

TEST_P(JsonOf, IsAsExpected) {
  std::string text;
  append_json(text, GetParam().value);
  EXPECT_EQ(text, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Scalars, JsonOf,
                         ::testing::Values(JsonCase{std::monostate{}, "null"}, JsonCase{true, "true"},
                                           JsonCase{false, "false"}, JsonCase{std::int64_t{0}, "0"},
                                           JsonCase{std::numeric_limits<std::int64_t>::min(), "-9223372036854775808"},
                                           JsonCase{std::numeric_limits<std::int64_t>::max(), "9223372036854775807"},
                                           JsonCase{0.1, "0.1"}, JsonCase{44100.0, "44100"}, JsonCase{-0.0, "-0.0"},
                                           JsonCase{5e-324, "5e-324"}, JsonCase{1e300, "1e+300"},
                                           JsonCase{std::numeric_limits<double>::max(), "1.7976931348623157e+308"},
                                           JsonCase{std::nan(""), "null"}, JsonCase{-HUGE_VAL, "null"}));

INSTANTIATE_TEST_SUITE_P(
    Texts, JsonOf,
    ::testing::Values(JsonCase{std::string(), R"("")"}, JsonCase{std::string("a\"b\\c/"), R"("a\"b\\c/")"},
                      JsonCase{std::string("\n\r\t\b\f"), R"("\n\r\t\u0008\u000c")"},
                      JsonCase{std::string("\0\x1F\x7F", 3), "\"\\u0000\\u001f\x7F\""},
                      JsonCase{std::string("é 日本 \xF0\x9F\x8E\xB5"), "\"é 日本 \xF0\x9F\x8E\xB5\""}));

INSTANTIATE_TEST_SUITE_P(
    Compound, JsonOf,
    ::testing::Values(JsonCase{std::vector<float>{}, "[]"},
                      JsonCase{std::vector<float>{1e-45F, std::numeric_limits<float>::max(), -0.0F, 0.1F, 3},
                               "[1e-45,3.4028235e+38,-0.0,0.1,3]"},
                      JsonCase{std::vector<float>{NAN, INFINITY, 1}, "[null,null,1]"}, JsonCase{Matrix{}, "[]"},
                      JsonCase{Matrix{2, 0, {}}, "[[],[]]"}, JsonCase{Matrix{2, 2, {1, 2, 3, 4}}, "[[1,2],[3,4]]"},
                      JsonCase{NamedNumbers{}, "{}"},
                      JsonCase{NamedNumbers{{"b{", 0.5F}, {"{", NAN}, {"", 1}}, R"({"b{":0.5,"{":null,"":1})"},
                      JsonCase{Failure{"corrupt_data", "a \"b\""}, R"({"code":"corrupt_data","message":"a \"b\""})"}));

TEST(JsonLine, HasTheKeysInTheOrderOfTheSchema) {
  const Schema schema = {{"z", FieldType::integer}, {"a \"q\"", FieldType::text}, {"m", FieldType::boolean}};
  EXPECT_EQ(to_json_line(schema, {std::int64_t{1}, std::string("x"), {}}), R"({"z":1,"a \"q\"":"x","m":null})");
}

TEST(JsonLine, OfNoFieldsIsAnEmptyObject) { EXPECT_EQ(to_json_line({}, {}), "{}"); }

TEST(JsonLine, IsReadBackByAnotherParser) {
  const auto json = nlohmann::json::parse(to_json_line(test::full_schema(), test::full_record()));
  EXPECT_EQ(json.at("path"), test::kHardText);
  EXPECT_EQ(json.at("samples"), -9007199254740993);
  EXPECT_EQ(json.at("tags").at("drum \"n\" bass"), 0.25);
  EXPECT_TRUE(json.at("error").is_null());
}

TEST(JsonLine, RefusesARecordThatDoesNotFit) {
  expect_error(ErrorCode::invalid_argument, [] { to_json_line({{"n", FieldType::integer}}, {1.5}); });
}

TEST(JsonNumbers, AnyFloatReadsBackBitForBit) {
  std::mt19937 random(7);
  std::vector<float> numbers;
  while (numbers.size() < 20'000) {
    const auto bits = static_cast<std::uint32_t>(random());
    float number = 0;
    std::memcpy(&number, &bits, sizeof number);
    if (std::isfinite(number)) numbers.push_back(number);
  }
  std::string text;
  append_json(text, numbers);
  const auto read = nlohmann::json::parse(text).get<std::vector<float>>();
  ASSERT_EQ(read.size(), numbers.size());
  EXPECT_EQ(std::memcmp(read.data(), numbers.data(), numbers.size() * sizeof(float)), 0);
}

/// A locale that groups digits by dots and has a decimal comma, as de_DE has, for the time of a test.
class GermanNumbers : public ::testing::Test {
 protected:
  struct Punctuation : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
  };

  GermanNumbers() : previous_(std::locale::global(std::locale(std::locale(), new Punctuation))) {
    std::setlocale(LC_ALL, "de_DE.UTF-8");
  }
  ~GermanNumbers() override {
    std::locale::global(previous_);
    std::setlocale(LC_ALL, "C");
  }

 private:
  std::locale previous_;
};

TEST_F(GermanNumbers, ChangeNoFormat) {
  const test::TemporaryFolder folder;
  const Schema schema = {{"path", FieldType::text}, {"n", FieldType::integer}, {"v", FieldType::vector, 1}};
  const Record record = {std::string("a"), std::int64_t{1234567}, std::vector<float>{1234.5F}};
  for (const std::string format : {"csv", "jsonl", "npy"}) {
    test::write_all(format, {folder / ("o." + format), schema, {"path"}, {}}, {record});
  }
  EXPECT_EQ(test::read_text(folder / "o.csv"), "path,n,v\na,1234567,[1234.5]\n");
  EXPECT_EQ(test::read_text(folder / "o.jsonl"), "{\"path\":\"a\",\"n\":1234567,\"v\":[1234.5]}\n");
  EXPECT_NE(test::read_text(folder / "o.npy").find("'shape': (1, 1)"), std::string::npos);
}

}  // namespace
}  // namespace vivace::records
