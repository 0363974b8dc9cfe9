#include "bench/placement_settings.hpp"

#include <gtest/gtest.h>

namespace vivace::bench {
namespace {

using Settings = std::map<std::string, std::string>;

const Settings kUsual{
    {"placement", "onnxruntime/cpu"}, {"backend", "onnxruntime"}, {"provider", "cpu"}, {"precision", "fp32"}};

PlacementOptions usual_options() {
  PlacementOptions options;
  options.precision = "fp32";
  return options;
}

Settings settings_of(const PlacementOptions& options) { return placement_settings(options, "onnxruntime/cpu"); }

TEST(PlacementSettings, SayNothingOfWhatIsAsUsual) { EXPECT_EQ(settings_of(usual_options()), kUsual); }

TEST(PlacementSettings, SayThePrecisionThatATunedModelHas) {
  const Settings settings = placement_settings({}, "openvino/cpu bf16");
  EXPECT_EQ(
      settings,
      (Settings{{"placement", "openvino/cpu"}, {"backend", "openvino"}, {"provider", "cpu"}, {"precision", "bf16"}}));
}

TEST(PlacementSettings, SayWhatIsPassedThrough) {
  PlacementOptions options = usual_options();
  options.provider_libraries = {{"abacus", "/lib/abacus.so"}};
  options.provider_settings = {{"beads", "10"}, {"wires", "7"}};
  options.session_settings = {{"session.disable_prepacking", "1"}};
  options.cache = false;
  options.strict = true;
  Settings expected{{"provider-library", "abacus=/lib/abacus.so"},
                    {"provider-setting", "beads=10, wires=7"},
                    {"session", "session.disable_prepacking=1"},
                    {"cache", "off"},
                    {"strict", "on"}};
  expected.insert(kUsual.begin(), kUsual.end());
  EXPECT_EQ(settings_of(options), expected);
}

}  // namespace
}  // namespace vivace::bench
