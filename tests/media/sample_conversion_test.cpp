#include "media/sample_conversion.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "media/ffmpeg_handles.hpp"

extern "C" {
#include <libavutil/channel_layout.h>
}

namespace vivace::media {
namespace {

constexpr int kRate = 48000;

FrameHandle make_frame(AVSampleFormat format, int channels, int frames) {
  FrameHandle frame(allocated(av_frame_alloc()));
  frame->format = format;
  frame->sample_rate = kRate;
  frame->nb_samples = frames;
  av_channel_layout_default(&frame->ch_layout, channels);
  checked_memory(av_frame_get_buffer(frame.get(), 0));
  return frame;
}

/// Every sample gets other bits; floating-point ones stay within [-1, 1].
void fill(AVFrame& frame) {
  const auto format = static_cast<AVSampleFormat>(frame.format);
  const bool planar = av_sample_fmt_is_planar(format) != 0;
  const int planes = planar ? frame.ch_layout.nb_channels : 1;
  const int samples = frame.nb_samples * (planar ? 1 : frame.ch_layout.nb_channels);
  std::uint64_t state = 1;
  const auto random = [&state] { return state = state * 6364136223846793005U + 1442695040888963407U; };
  for (int p = 0; p < planes; ++p) {
    for (int i = 0; i < samples; ++i) {
      const auto bits = static_cast<std::int64_t>(random());
      const double real = static_cast<double>(bits) * 0x1p-63;
      std::uint8_t* plane = frame.extended_data[p];
      switch (av_get_packed_sample_fmt(format)) {
        case AV_SAMPLE_FMT_U8: plane[i] = static_cast<std::uint8_t>(bits >> 56); break;
        case AV_SAMPLE_FMT_S16:
          reinterpret_cast<std::int16_t*>(plane)[i] = static_cast<std::int16_t>(bits >> 48);
          break;
        case AV_SAMPLE_FMT_S32:
          reinterpret_cast<std::int32_t*>(plane)[i] = static_cast<std::int32_t>(bits >> 32);
          break;
        case AV_SAMPLE_FMT_S64: reinterpret_cast<std::int64_t*>(plane)[i] = bits; break;
        case AV_SAMPLE_FMT_FLT: reinterpret_cast<float*>(plane)[i] = static_cast<float>(real); break;
        case AV_SAMPLE_FMT_DBL: reinterpret_cast<double*>(plane)[i] = real; break;
        default: FAIL() << "format " << frame.format;
      }
    }
  }
}

std::vector<float> convert_with_swresample(AVFrame& frame) {
  SwrContext* created = nullptr;
  checked_memory(swr_alloc_set_opts2(&created, &frame.ch_layout, AV_SAMPLE_FMT_FLTP, kRate, &frame.ch_layout,
                                     static_cast<AVSampleFormat>(frame.format), kRate, 0, nullptr));
  SwrHandle swr(created);
  EXPECT_GE(swr_init(swr.get()), 0);
  const auto frames = static_cast<std::size_t>(frame.nb_samples);
  std::vector<float> converted(frames * static_cast<std::size_t>(frame.ch_layout.nb_channels));
  std::vector<std::uint8_t*> rows;
  for (std::size_t start = 0; start < converted.size(); start += frames) {
    rows.push_back(reinterpret_cast<std::uint8_t*>(converted.data() + start));
  }
  EXPECT_EQ(swr_convert(swr.get(), rows.data(), frame.nb_samples, const_cast<const std::uint8_t**>(frame.extended_data),
                        frame.nb_samples),
            frame.nb_samples);
  return converted;
}

class EverySampleFormat : public testing::TestWithParam<std::tuple<AVSampleFormat, int>> {};

TEST_P(EverySampleFormat, HasTheScaleOfSwresample) {
  const auto [format, channels] = GetParam();
  for (const int frames : {1, 7, 1152}) {
    const FrameHandle frame = make_frame(format, channels, frames);
    fill(*frame);
    std::vector<float> converted(static_cast<std::size_t>(channels * frames));
    EXPECT_EQ(to_planar_float(*frame, converted), std::nullopt);
    EXPECT_EQ(converted, convert_with_swresample(*frame)) << frames << " frames";
  }
}

INSTANTIATE_TEST_SUITE_P(Known, EverySampleFormat,
                         testing::Combine(testing::Values(AV_SAMPLE_FMT_U8, AV_SAMPLE_FMT_S16, AV_SAMPLE_FMT_S32,
                                                          AV_SAMPLE_FMT_S64, AV_SAMPLE_FMT_FLT, AV_SAMPLE_FMT_DBL,
                                                          AV_SAMPLE_FMT_U8P, AV_SAMPLE_FMT_S16P, AV_SAMPLE_FMT_S32P,
                                                          AV_SAMPLE_FMT_S64P, AV_SAMPLE_FMT_FLTP, AV_SAMPLE_FMT_DBLP),
                                          testing::Values(1, 2, 6)),
                         [](const auto& test) {
                           return std::string(av_get_sample_fmt_name(std::get<0>(test.param))) + "_" +
                                  std::to_string(std::get<1>(test.param));
                         });

class BadValue : public testing::TestWithParam<float> {};

TEST_P(BadValue, IsFoundWhereItIs) {
  const FrameHandle frame = make_frame(AV_SAMPLE_FMT_FLT, 2, 100);
  fill(*frame);
  reinterpret_cast<float*>(frame->extended_data[0])[2 * 41 + 1] = GetParam();
  std::vector<float> converted(200);
  const auto bad = to_planar_float(*frame, converted);
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->channel, 1U);
  EXPECT_EQ(bad->frame, 41U);
}

INSTANTIATE_TEST_SUITE_P(Any, BadValue,
                         testing::Values(std::numeric_limits<float>::quiet_NaN(),
                                         -std::numeric_limits<float>::quiet_NaN(),
                                         std::numeric_limits<float>::infinity(),
                                         -std::numeric_limits<float>::infinity(), 1.1e6F, -3e38F));

TEST(SampleConversion, LoudButPlausibleSamplesPass) {
  const FrameHandle frame = make_frame(AV_SAMPLE_FMT_FLTP, 1, 2);
  auto* samples = reinterpret_cast<float*>(frame->extended_data[0]);
  samples[0] = kLargestSample;
  samples[1] = -32768.0F;
  std::vector<float> converted(2);
  EXPECT_EQ(to_planar_float(*frame, converted), std::nullopt);
}

}  // namespace
}  // namespace vivace::media
