#include "base/line_reader.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace vivace::base {
namespace {

constexpr std::size_t kLimit = 8;

/// A pipe that is read line by line.
class LineReaderTest : public ::testing::Test {
 protected:
  LineReaderTest() { EXPECT_EQ(::pipe(ends_), 0); }
  ~LineReaderTest() override {
    ::close(ends_[0]);
    close_input();
  }

  void write(const std::string& text) { EXPECT_EQ(::write(ends_[1], text.data(), text.size()), std::ssize(text)); }
  void close_input() { ::close(std::exchange(ends_[1], -1)); }

  std::vector<std::string> lines_of(const std::string& text) {
    write(text);
    close_input();
    LineReader reader(ends_[0], kLimit);
    std::vector<std::string> lines;
    while (const auto line = reader.next({})) lines.push_back(line->text + (line->too_long ? "…" : ""));
    return lines;
  }

  int ends_[2] = {-1, -1};
};

TEST_F(LineReaderTest, GivesLinesWithoutTheirEnds) {
  EXPECT_EQ(lines_of("a\n\nb c\nlast"), (std::vector<std::string>{"a", "", "b c", "last"}));
}

TEST_F(LineReaderTest, CutsLinesThatAreTooLong) {
  EXPECT_EQ(lines_of("12345678\n123456789\n" + std::string(30'000, 'x') + "\nb\n"),
            (std::vector<std::string>{"12345678", "12345678…", "xxxxxxxx…", "b"}));
}

TEST_F(LineReaderTest, EndsWithAnEmptyInput) { EXPECT_TRUE(lines_of("").empty()); }

TEST_F(LineReaderTest, AnswersBeforeTheNextLineComes) {
  write("a\n");
  LineReader reader(ends_[0], kLimit);
  EXPECT_EQ(reader.next({})->text, "a");
}

TEST_F(LineReaderTest, AStopEndsTheWaitForALine) {
  LineReader reader(ends_[0], kLimit);
  std::stop_source stop;
  const std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    stop.request_stop();
  });
  EXPECT_FALSE(reader.next(stop.get_token()));
}

}  // namespace
}  // namespace vivace::base
