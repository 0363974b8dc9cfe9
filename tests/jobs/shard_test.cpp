#include "jobs/shard.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <map>
#include <vector>

#include "support/errors.hpp"

namespace vivace::jobs {
namespace {

TEST(Shard, EachNameIsInExactlyOnePart) {
  constexpr std::uint32_t kParts = 7;
  std::vector<int> sizes(kParts);
  for (int i = 0; i < 7000; ++i) {
    int holders = 0;
    for (std::uint32_t part = 0; part < kParts; ++part) {
      if (!Shard{part, kParts}.holds("album/" + std::to_string(i) + ".mp3")) continue;
      ++holders;
      ++sizes[part];
    }
    EXPECT_EQ(holders, 1);
  }
  // Binomial with mean 1000 and deviation 29.3: five of these.
  for (const int size : sizes) EXPECT_NEAR(size, 1000, 147);
}

// FNV-1a of "a", 64 bit, of its authors' test vectors.
TEST(Shard, IsTheSameOnEveryMachine) {
  constexpr std::uint64_t kHash = 0xAF63DC4C8601EC8CU;
  const auto part = static_cast<std::uint32_t>((kHash ^ (kHash >> 32U)) % 1000);
  EXPECT_TRUE((Shard{part, 1000}.holds("a")));
}

/// Environment variables for the time of a test.
class ShardOfJob : public testing::Test {
 protected:
  void set(const std::map<std::string, std::string>& variables) {
    for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
  }
  void TearDown() override {
    for (const char* name : {"JOB_COMPLETION_INDEX", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN",
                             "SLURM_ARRAY_TASK_STEP", "SLURM_ARRAY_TASK_COUNT"}) {
      ::unsetenv(name);
    }
  }
};

void expect_shard(const std::string& text, std::uint32_t index, std::uint32_t count) {
  const Shard shard = parse_shard(text);
  EXPECT_EQ(shard.index, index) << text;
  EXPECT_EQ(shard.count, count) << text;
}

TEST_F(ShardOfJob, IsNamed) { expect_shard("2/5", 2, 5); }

TEST_F(ShardOfJob, OfKubernetes) {
  set({{"JOB_COMPLETION_INDEX", "3"}});
  expect_shard("auto/4", 3, 4);
  test::expect_error(ErrorCode::invalid_argument, [] { parse_shard("auto"); });
  test::expect_error(ErrorCode::invalid_argument, [] { parse_shard("auto/3"); });
}

TEST_F(ShardOfJob, OfSlurm) {
  set({{"SLURM_ARRAY_TASK_ID", "7"},
       {"SLURM_ARRAY_TASK_MIN", "1"},
       {"SLURM_ARRAY_TASK_STEP", "2"},
       {"SLURM_ARRAY_TASK_COUNT", "5"}});
  expect_shard("auto", 3, 5);
  expect_shard("auto/8", 3, 8);
}

TEST_F(ShardOfJob, WhatIsNoPartIsRefused) {
  for (const char* text : {"", "1", "/", "1/", "/2", "2/2", "-1/2", "a/2", "1/0", "1/2/3", "auto", "auto/2", "1 /2"}) {
    test::expect_error(ErrorCode::invalid_argument, [&] { parse_shard(text); });
  }
}

}  // namespace
}  // namespace vivace::jobs
