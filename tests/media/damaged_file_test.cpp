#include <gtest/gtest.h>
#include <sys/fsuid.h>

#include <limits>

#include "media/decoder.hpp"
#include "media/ffmpeg_log.hpp"
#include "media/test_audio.hpp"
#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace vivace::media {
namespace {

using test::chord;
using test::decode;
using test::Decoded;
using test::ffmpeg;
using test::float_wav;
using test::wav;

constexpr std::size_t kFrames = 220'500;

/// Fails the test unless decoding the file to its end throws this, with the path as its context.
void expect_refused(const std::filesystem::path& path, ErrorCode code, const std::string& part) {
  SCOPED_TRACE(path);
  const Error error = test::error_of([&] { decode(path); });
  EXPECT_EQ(error.code(), code) << error.what();
  EXPECT_EQ(error.context(), path.string());
  test::expect_contains(error.message(), part);
}

/// Opens files as a user without privileges, also where root runs the tests, for as long as this lives.
class OrdinaryUser {
 public:
  OrdinaryUser() : previous_(::setfsuid(kNobody)) {}
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;
  ~OrdinaryUser() { ::setfsuid(static_cast<uid_t>(previous_)); }

 private:
  static constexpr uid_t kNobody = 65534;
  int previous_;
};

class DamagedFile : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& name, std::string_view bytes) const {
    test::write_text(folder_ / name, bytes);
    return folder_ / name;
  }

  /// Five seconds of sound in the form that `name` and `arguments` say.
  std::string encoded(const std::string& name, std::vector<std::string> arguments = {}) const {
    const auto source = file("source.wav", float_wav(2, chord(44100, 2, kFrames)));
    arguments.insert(arguments.begin(), {"-i", source.string()});
    arguments.push_back((folder_ / name).string());
    ffmpeg(arguments);
    return test::read_text(folder_ / name);
  }

  test::TemporaryFolder folder_;
};

TEST_F(DamagedFile, MissingFilesAreNotFound) {
  expect_refused(folder_ / "none.wav", ErrorCode::not_found, "no such file");
  expect_refused(file("a.txt", "text") / "below.wav", ErrorCode::not_found, "no such file");
  std::filesystem::create_symlink("nowhere.wav", folder_ / "link.wav");
  expect_refused(folder_ / "link.wav", ErrorCode::not_found, "the link points to a file that does not exist");
}

TEST_F(DamagedFile, FoldersAndDevicesAreRefused) {
  std::filesystem::create_directory(folder_ / "album.mp3");
  expect_refused(folder_ / "album.mp3", ErrorCode::invalid_argument, "is a folder");
  expect_refused("/dev/zero", ErrorCode::invalid_argument, "is not a regular file");
}

TEST_F(DamagedFile, UnreadableFilesAreUnavailable) {
  const auto path = file("secret.wav", float_wav(1, chord(44100, 1, 100)));
  std::filesystem::permissions(path, std::filesystem::perms::none);
  std::filesystem::permissions(folder_.path(), std::filesystem::perms::others_exec, std::filesystem::perm_options::add);
  const OrdinaryUser user;
  expect_refused(path, ErrorCode::unavailable, "Permission denied");
}

TEST_F(DamagedFile, WhatIsNotAudioIsNamed) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "All work and no play makes Jack a dull boy.\n";
  expect_refused(file("empty.mp3", ""), ErrorCode::corrupt_data, "not audio: the file is empty");
  expect_refused(file("text.mp3", text), ErrorCode::corrupt_data, "not audio: ");
  expect_refused(file("text.wav", text), ErrorCode::corrupt_data, "not audio: ");
  expect_refused(file("text.flac", text), ErrorCode::corrupt_data, "not audio: ");
  expect_refused(file("text.ogg", text), ErrorCode::corrupt_data, "not audio: ");
  expect_refused(file("text", "hello"), ErrorCode::corrupt_data, "(file is 5 bytes)");
  expect_refused(file("zeros.mp3", std::string(100'000, '\0')), ErrorCode::corrupt_data, "not audio: ");
  expect_refused(file("header.wav", "RIFF"), ErrorCode::corrupt_data, "not audio: ");
}

TEST_F(DamagedFile, PicturesAndSilentVideoAreNotAudio) {
  const std::vector<std::string> picture{"-f", "lavfi", "-i", "color=red:size=64x64:rate=1:duration=1"};
  for (const char* name : {"picture.png", "silent.mp4", "silent.mkv"}) {
    auto arguments = picture;
    arguments.push_back((folder_ / name).string());
    ffmpeg(arguments);
    expect_refused(folder_ / name, ErrorCode::corrupt_data, "not audio: ");
  }
}

TEST_F(DamagedFile, NoOtherFileIsEverRead) {
  const auto secret = file("secret.wav", float_wav(1, chord(44100, 1, 1000)));
  expect_refused(
      file("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n" + secret.string() + "\n#EXT-X-ENDLIST\n"),
      ErrorCode::corrupt_data, "not audio: ");
  expect_refused(file("list.ffconcat", "ffconcat version 1.0\nfile secret.wav\n"), ErrorCode::corrupt_data,
                 "not audio: ");
  expect_refused(file("list.wav", "ffconcat version 1.0\nfile secret.wav\n"), ErrorCode::corrupt_data, "not audio: ");
}

TEST_F(DamagedFile, ImpossibleHeadersAreNamed) {
  const std::string data(8000, '\1');
  expect_refused(file("channels.wav", wav({1, 0, 44100, 16}, data, 8000)), ErrorCode::corrupt_data, "0 channels");
  expect_refused(file("rate.wav", wav({1, 2, 0, 16}, data, 8000)), ErrorCode::corrupt_data, "sample rate");
  expect_refused(file("slow.wav", wav({1, 2, 999, 16}, data, 8000)), ErrorCode::unsupported, "999 Hz");
  expect_refused(file("fast.wav", wav({1, 2, 1'000'000, 16}, data, 8000)), ErrorCode::unsupported, "1000000 Hz");
  expect_refused(file("wide.wav", wav({1, 65, 44100, 16}, data, 8000)), ErrorCode::unsupported, "65 channels");
  expect_refused(file("codec.wav", wav({0x1234, 2, 44100, 16}, data, 8000)), ErrorCode::unsupported, "no decoder");
}

TEST_F(DamagedFile, SamplesThatAreNoNumbersAreNamed) {
  auto samples = chord(44100, 2, 50'000);
  samples[2 * 43'210 + 1] = std::numeric_limits<float>::quiet_NaN();
  expect_refused(file("nan.wav", float_wav(2, samples)), ErrorCode::corrupt_data,
                 "sample 43210 of channel 1 is not a finite number");
  samples[2 * 43'210 + 1] = -std::numeric_limits<float>::infinity();
  expect_refused(file("inf.wav", float_wav(2, samples)), ErrorCode::corrupt_data,
                 "sample 43210 of channel 1 is not a finite number");
  samples[2 * 43'210 + 1] = 3e38F;
  expect_refused(file("huge.wav", float_wav(2, samples)), ErrorCode::corrupt_data,
                 "sample 43210 of channel 1 is 3e+38, far beyond full scale");
}

TEST_F(DamagedFile, SoundWithoutSamplesIsWellFormed) {
  const Decoded decoded = decode(file("none.wav", wav({}, "", 0)));
  EXPECT_EQ(decoded.frames, 0U);
  EXPECT_EQ(decoded.info.sample_rate, 44100);
  EXPECT_FALSE(decoded.truncated);
}

TEST_F(DamagedFile, WavOfALengthThatWasNeverWrittenIsComplete) {
  const std::string data(176'400, '\1');
  for (const std::uint32_t claimed : {0U, 0xFFFFFFFFU, 0xFFFFFFFFU - 44, 0x7FFFFFFFU, 0x7FFFF000U, 0x7FFFFFFFU - 36}) {
    const Decoded decoded = decode(file("streamed.wav", wav({}, data, claimed)));
    EXPECT_EQ(decoded.frames, 44100U) << claimed;
    EXPECT_FALSE(decoded.truncated) << claimed;
    EXPECT_EQ(decoded.info.declared_duration_s, std::nullopt) << claimed;
  }
}

TEST_F(DamagedFile, WavThatClaimsMoreThanItHasIsTruncated) {
  const std::string data(176'400, '\1');
  for (const std::uint32_t excess : {1000U, 1'000'000'000U}) {
    const Decoded decoded = decode(file("lying.wav", wav({}, data, static_cast<std::uint32_t>(data.size()) + excess)));
    EXPECT_EQ(decoded.frames, 44100U) << excess;
    EXPECT_TRUE(decoded.truncated) << excess;
  }
}

/// A form of file, and how long a piece of it is that is lost whole where it is cut.
struct Cut {
  const char* file;
  std::vector<std::string> encode;
  double piece = 0.03;  ///< as a share of the file
};

std::ostream& operator<<(std::ostream& out, const Cut& cut) { return out << cut.file; }

class CutFile : public DamagedFile, public testing::WithParamInterface<Cut> {};

TEST_P(CutFile, IsTruncatedAndGivesWhatIsThere) {
  const std::string whole = encoded(GetParam().file, GetParam().encode);
  const Decoded complete = decode(folder_ / GetParam().file);
  EXPECT_FALSE(complete.truncated);
  for (const double part : {0.3, 0.5, 0.77, 0.93}) {
    const auto bytes = static_cast<std::size_t>(static_cast<double>(whole.size()) * part);
    const Decoded decoded = decode(file("cut_" + std::string(GetParam().file), whole.substr(0, bytes)));
    EXPECT_TRUE(decoded.truncated) << part;
    const double left = static_cast<double>(decoded.frames) / static_cast<double>(complete.frames);
    EXPECT_LE(left, part + 0.02);
    EXPECT_GE(left, part - GetParam().piece);
  }
}

INSTANTIATE_TEST_SUITE_P(Forms, CutFile,
                         testing::Values(Cut{"a.wav", {}}, Cut{"a.aiff", {}}, Cut{"a.flac", {}}, Cut{"a.wv", {}, 0.11},
                                         Cut{"a.tta", {}, 0.22}, Cut{"a.mp3", {}},
                                         Cut{"raw.mp3", {"-write_xing", "0", "-b:a", "128k"}},
                                         Cut{"a.ogg", {"-c:a", "libvorbis"}, 0.22}, Cut{"a.wma", {}},
                                         Cut{"a.mka", {"-c:a", "libvorbis"}, 0.08},
                                         Cut{"front.m4a", {"-movflags", "+faststart"}}, Cut{"a.aac", {"-f", "adts"}}));

TEST_F(DamagedFile, OggThatLacksItsLastPageIsTruncated) {
  const std::string whole = encoded("a.ogg", {"-c:a", "libvorbis"});
  EXPECT_FALSE(decode(folder_ / "a.ogg").truncated);
  EXPECT_TRUE(decode(file("pages.ogg", whole.substr(0, whole.rfind("OggS")))).truncated);
}

TEST_F(DamagedFile, M4aWithoutItsIndexIsNotAudio) {
  const std::string whole = encoded("end.m4a");
  expect_refused(file("cut.m4a", whole.substr(0, whole.size() / 2)), ErrorCode::corrupt_data, "moov atom not found");
}

TEST_F(DamagedFile, TagsBehindTheAudioAreNoDamage) {
  std::string tag = "TAG" + std::string(125, 'x');
  std::string ape = "APETAGEX" + std::string(1500, '\7');
  for (const auto& [name, arguments] : {std::pair<std::string, std::vector<std::string>>{"a.mp3", {}},
                                        {"raw.mp3", {"-write_xing", "0"}},
                                        {"a.flac", {}}}) {
    const std::string whole = encoded(name, arguments);
    const std::size_t frames = decode(folder_ / name).frames;
    for (const std::string& tail : {tag, ape, ape + tag}) {
      const Decoded decoded = decode(file("tagged_" + name, whole + tail));
      EXPECT_FALSE(decoded.truncated) << name << " with " << tail.substr(0, 8);
      EXPECT_EQ(decoded.frames, frames) << name << " with " << tail.substr(0, 8);
    }
  }
}

/// Bytes overwritten in the middle of a file, and what they cost.
struct Damage {
  const char* file;
  std::vector<std::string> encode;
  std::size_t bytes;
  std::size_t most_lost;  ///< frames
  bool truncated = false;
};

std::ostream& operator<<(std::ostream& out, const Damage& damage) {
  return out << damage.bytes << " in " << damage.file;
}

class DamageInTheMiddle : public DamagedFile, public testing::WithParamInterface<Damage> {};

TEST_P(DamageInTheMiddle, IsPassedOverAndFlaggedWhereMuchIsMissing) {
  std::string bytes = encoded(GetParam().file, GetParam().encode);
  const std::size_t frames = decode(folder_ / GetParam().file).frames;
  for (std::size_t i = 0; i < GetParam().bytes; ++i) bytes[bytes.size() / 2 + i] = static_cast<char>(37 * i);
  const Decoded decoded = decode(file("damaged_" + std::string(GetParam().file), bytes));
  EXPECT_EQ(decoded.truncated, GetParam().truncated);
  EXPECT_LE(decoded.frames, frames);
  EXPECT_GE(decoded.frames + GetParam().most_lost, frames);
}

// Only MP3 has no time stamps: there a loss anywhere is a loss at the end.
INSTANTIATE_TEST_SUITE_P(Forms, DamageInTheMiddle,
                         testing::Values(Damage{"a.mp3", {}, 500, 4 * 1152}, Damage{"a.mp3", {}, 20'000, 60'000, true},
                                         Damage{"a.flac", {}, 500, 2 * 4608}, Damage{"a.flac", {}, 20'000, 60'000},
                                         Damage{"a.ogg", {"-c:a", "libvorbis"}, 500, 60'000},
                                         Damage{"a.m4a", {}, 500, 4 * 1024}, Damage{"a.m4a", {}, 20'000, 60'000}));

TEST_F(DamagedFile, AFileThatShrinksWhileItIsReadIsTruncated) {
  for (const auto& [name, arguments] : {std::pair<std::string, std::vector<std::string>>{"a.wav", {}},
                                        {"a.mp3", {"-b:a", "320k"}},
                                        {"a.flac", {}},
                                        {"a.ogg", {"-c:a", "libvorbis", "-q:a", "10"}},
                                        {"a.m4a", {"-b:a", "320k"}}}) {
    encoded(name, arguments);
    Decoder decoder(folder_ / name);
    AudioBlock block;
    ASSERT_TRUE(decoder.read(block));
    std::filesystem::resize_file(folder_ / name, 1000);
    std::size_t frames = block.frames;
    while (decoder.read(block)) frames += block.frames;
    EXPECT_LT(frames, kFrames) << name;
    EXPECT_TRUE(decoder.truncated()) << name;
  }
}

// Bytes all over a short file are damaged in turn; whatever comes of it, it comes as an Error or as an end.
TEST_F(DamagedFile, NothingWorseThanAnErrorHappens) {
  for (const auto& [name, arguments] : {std::pair<std::string, std::vector<std::string>>{"a.wav", {}},
                                        {"a.mp3", {}},
                                        {"a.flac", {}},
                                        {"a.ogg", {"-c:a", "libvorbis"}},
                                        {"a.opus", {"-c:a", "libopus"}},
                                        {"a.m4a", {}},
                                        {"a.mka", {}}}) {
    auto short_arguments = arguments;
    short_arguments.insert(short_arguments.begin(), {"-t", "0.2"});
    const std::string whole = encoded(name, short_arguments);
    const std::size_t step = whole.size() / 60 + 1;
    for (std::size_t i = 0; i < whole.size(); i += step) {
      std::string bytes = whole;
      bytes[i] = static_cast<char>(~bytes[i]);
      try {
        decode(file("damaged", bytes));
      } catch (const Error& error) {
        EXPECT_NE(error.code(), ErrorCode::internal) << name << " at " << i << ": " << error.what();
      }
    }
  }
}

TEST(FfmpegVersions, AreNamed) {
  EXPECT_EQ(ffmpeg_versions().find("libavformat "), 0U);
  EXPECT_NE(ffmpeg_versions().find(", libavcodec "), std::string::npos);
}

}  // namespace
}  // namespace vivace::media
