#include "tasks/analyze/features.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "support/errors.hpp"
#include "support/signals.hpp"
#include "tasks/analyze/listening.hpp"

namespace vivace::analyze {
namespace {

using Channels = std::vector<std::vector<float>>;

struct Odd {
  const char* name;
  Channels channels;
  int sample_rate;
};

std::vector<Odd> odd_tracks() {
  const std::vector<float> noise = test::scrambled(48000);
  std::vector<float> clipped = noise;
  for (float& sample : clipped) sample = sample > 0 ? 1.0F : -1.0F;
  return {
      {"nothing", {{}, {}}, 44100},
      {"one sample", {{0.5F}}, 44100},
      {"0.1 s", {test::scrambled(4410), test::scrambled(4410)}, 44100},
      {"silence", {std::vector<float>(44100 * 8), std::vector<float>(44100 * 8)}, 44100},
      {"8 kHz", {test::scrambled(8000 * 6)}, 8000},
      {"192 kHz", {test::scrambled(192000)}, 192000},
      {"5.1", Channels(6, noise), 48000},
      {"direct current", {std::vector<float>(44100 * 4, 0.7F)}, 44100},
      {"clipped", {clipped, clipped}, 44100},
      {"very quiet", {std::vector<float>(44100 * 4, 1e-30F)}, 44100},
      {"very loud", {std::vector<float>(44100 * 4, 1e6F)}, 44100},
  };
}

bool is_finite(const records::Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return std::isfinite(*number);
  if (const auto* list = std::get_if<std::vector<float>>(&value)) {
    return std::all_of(list->begin(), list->end(), [](float v) { return std::isfinite(v); });
  }
  return true;
}

/// Equal but for the rounding of sums in another order.
void expect_equal(const records::Value& a, const records::Value& b, const std::string& name) {
  const auto* number = std::get_if<double>(&a);
  if (number == nullptr) {
    EXPECT_EQ(a, b) << name;
  } else {
    EXPECT_NEAR(*number, std::get<double>(b), 1e-9 * (1 + std::abs(*number))) << name;
  }
}

TEST(Features, GiveFiniteNumbersOrAReasonForAnyAudio) {
  for (const Odd& odd : odd_tracks()) {
    for (const FeatureInfo& info : features()) {
      if (info.rate != 0 && info.rate != odd.sample_rate) continue;
      const Findings findings = test::listen(info, odd.channels, odd.sample_rate);
      ASSERT_EQ(findings.fields.size(), info.fields.size()) << info.name << " of " << odd.name;
      for (std::size_t i = 0; i < info.fields.size(); ++i) {
        const FieldValue& field = findings.fields[i];
        EXPECT_TRUE(is_finite(field.value)) << info.fields[i].name << " of " << odd.name;
        EXPECT_EQ(std::holds_alternative<std::monostate>(field.value), !field.reason.empty())
            << info.fields[i].name << " of " << odd.name << ": null, and only null, has a reason";
      }
    }
  }
}

TEST(Features, DoNotDependOnHowTheTrackIsCut) {
  const Channels track = {test::two_tones(44100 * 7), test::scrambled(44100 * 7)};
  for (const FeatureInfo& info : features()) {
    const Findings whole = test::listen(info, track, 44100, 44100 * 7);
    const Findings cut = test::listen(info, track, 44100, 1021);
    for (std::size_t i = 0; i < info.fields.size(); ++i) {
      expect_equal(whole.fields[i].value, cut.fields[i].value, info.fields[i].name);
    }
  }
}

TEST(Features, HaveUniqueFieldsNamedAfterTheirGroup) {
  std::set<std::string> names;
  for (const FeatureInfo& info : features()) {
    for (const FieldInfo& field : info.fields) {
      EXPECT_TRUE(names.insert(field.name).second) << field.name;
      EXPECT_EQ(field.name.rfind(info.group + ".", 0), 0U) << field.name << " of " << info.name;
      EXPECT_FALSE(field.definition.empty()) << field.name;
    }
  }
}

TEST(Features, AreChosenByName) {
  EXPECT_EQ(choose_features({"level"}, {}).size(), 1U);
  test::expect_contains(test::expect_error(ErrorCode::invalid_argument, [] { choose_features({"levels"}, {}); }),
                        "no feature 'levels'; there are ");
  EXPECT_THROW(choose_features({"level"}, {"level"}), Error);
}

}  // namespace
}  // namespace vivace::analyze
