#include "tasks/embed/stream_request.hpp"

#include <gtest/gtest.h>

namespace vivace::embed {
namespace {

struct Accepted {
  std::string line;
  std::string path;
  std::string id_json;
};
class AcceptedLine : public ::testing::TestWithParam<Accepted> {};
TEST_P(AcceptedLine, IsUnderstood) {
  const StreamRequest request = parse_stream_request(GetParam().line);
  EXPECT_EQ(request.path, GetParam().path);
  EXPECT_EQ(request.id_json, GetParam().id_json);
}
INSTANTIATE_TEST_SUITE_P(Cases, AcceptedLine,
                         ::testing::Values(Accepted{"a b.mp3", "a b.mp3", ""}, Accepted{"a.mp3\r", "a.mp3", ""},
                                           Accepted{R"({"path":"x\n.wav"})", "x\n.wav", ""},
                                           Accepted{R"({"id":7,"path":"x"})", "x", "7"},
                                           Accepted{R"({"path":"x","id":"é\""})", "x", R"("é\"")"},
                                           Accepted{R"({"path":"x","id":{"a":[1,null]}})", "x", R"({"a":[1,null]})"}));

class RefusedLine : public ::testing::TestWithParam<std::string> {};
TEST_P(RefusedLine, HasAProblem) { EXPECT_FALSE(parse_stream_request(GetParam()).problem.empty()); }
INSTANTIATE_TEST_SUITE_P(Cases, RefusedLine,
                         ::testing::Values("", "\r", "{", "{}", R"({"path":""})", R"({"path":7})", R"({"paths":"x"})",
                                           R"({"path":"x"} trailing)", R"({"path":"x\u0000y"})", std::string("x\0y", 3),
                                           "{\"path\":\"\xFF\"}",
                                           "{\"path\":\"x\",\"id\":" + std::string(40, '[') + std::string(40, ']') +
                                               "}",
                                           std::string((1 << 20) + 1, 'x')));

TEST(StreamRequest, KeepsTheIdOfABadRequest) {
  const StreamRequest request = parse_stream_request(R"({"id":7,"file":"x"})");
  EXPECT_EQ(request.id_json, "7");
  EXPECT_FALSE(request.problem.empty());
}

}  // namespace
}  // namespace vivace::embed
