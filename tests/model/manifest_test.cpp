#include "model/manifest.hpp"

#include <gtest/gtest.h>

#include "model/samples.hpp"

namespace vivace::model {
namespace {

using test::expect_contains;
using test::expect_error;

/// `text` with the first `from` replaced; an empty `from` appends.
std::string changed(std::string text, const std::string& from, const std::string& to) {
  if (from.empty()) return text + to;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(Manifest, ExtractorHasTheWrittenValues) {
  const Manifest manifest = parse_manifest(test::extractor_toml(), "sample");
  EXPECT_EQ(manifest.name, "msd-musicnn");
  EXPECT_TRUE(is_extractor(manifest));
  EXPECT_EQ(manifest.file("graph").bytes, 3170167U);
  EXPECT_EQ(manifest.audio->sample_rate, 16000);
  EXPECT_EQ(manifest.front_end->fft, 1024U);
  EXPECT_EQ(manifest.front_end->multiply, 10000.0);
  EXPECT_EQ(manifest.patch->cut_by, "graph");
  EXPECT_EQ(manifest.tensors.embeddings, "embeddings");
  EXPECT_EQ(manifest.embedding_dimension, 200U);
  EXPECT_EQ(manifest.activations->labels, (std::vector<std::string>{"rock", "pop"}));
}

TEST(Manifest, HeadHasTheWrittenValues) {
  const Manifest manifest = parse_manifest(test::head_toml(), "sample");
  EXPECT_TRUE(is_head(manifest));
  EXPECT_FALSE(manifest.audio || manifest.front_end || manifest.patch);
  EXPECT_EQ(manifest.extractor, (ExtractorReference{"discogs-effnet", 1280}));
  EXPECT_EQ(manifest.activations->labels[1], "not \"danceable\"");
  EXPECT_EQ(manifest.version, "");
}

TEST(Manifest, MissingRoleIsAMismatch) {
  const Manifest manifest = parse_manifest(test::head_toml(), "sample");
  EXPECT_EQ(expect_error(ErrorCode::model_mismatch, [&] { manifest.file("vocoder"); }),
            "model 'danceability-discogs-effnet': its manifest names no file with role 'vocoder'");
}

struct Change {
  std::string from;
  std::string to;
};

std::string separator_toml(const std::string& spectrum) {
  return "format = 1\nname = \"toy\"\ntask = \"separate\"\nfamily = \"spectral-mask\"\nlicence = \"MIT\"\n[[files]]\n"
         "role = \"graph\"\npath = \"model.onnx\"\nbytes = 1\nsha256 = \"" +
         std::string(64, 'a') +
         "\"\n[audio]\nsample_rate = 44100\nresampler = \"soxr-hq\"\n[separation]\nstems = [\"a\", "
         "\"b\"]\n[spectrum]\n" +
         spectrum;
}

TEST(Manifest, SeparatorReadsBackEqual) {
  const Manifest manifest =
      parse_manifest(separator_toml("fft = 4096\nhop = 1024\nbins = 1024\nframes = 512\n"), "sample");
  EXPECT_TRUE(is_separator(manifest));
  EXPECT_EQ(manifest.spectrum->frames, 512U);
  EXPECT_EQ(parse_manifest(to_toml(manifest), "rewritten"), manifest) << to_toml(manifest);
}

TEST(Manifest, SegmentsBeyondAllMemoryAreRefused) {
  for (const char* spectrum :
       {"fft = 65536\nhop = 1024\nbins = 1024\nframes = 65536\n", "fft = 4096\nhop = 1024\nbins = 4096\nframes = 512\n",
        "fft = 4095\nhop = 1024\nbins = 1024\nframes = 512\n"}) {
    expect_error(ErrorCode::model_mismatch, [&] { parse_manifest(separator_toml(spectrum), "sample"); });
  }
}

class AcceptedManifest : public ::testing::TestWithParam<Change> {};

TEST_P(AcceptedManifest, ReadsBackEqual) {
  const Manifest manifest = parse_manifest(changed(test::extractor_toml(), GetParam().from, GetParam().to), "sample");
  EXPECT_EQ(parse_manifest(to_toml(manifest), "rewritten"), manifest) << to_toml(manifest);
}

INSTANTIATE_TEST_SUITE_P(
    Changes, AcceptedManifest,
    ::testing::Values(
        Change{"", ""}, Change{"add = 1.0", "add = 0.01"}, Change{"mean = 0.0\n", ""},
        Change{"divisor = 1.0", "divisor = 2.536585641334582"}, Change{"multiply = 10000.0", "multiply = 1e11"},
        Change{"high_hz = 8000.0", "high_hz = 7500"}, Change{"fixed_batch = 0\n", ""},
        Change{"fixed_batch = 0\n", "essentia_rows = \"without-last-frame\"\n"}, Change{"cut_by = \"graph\"\n", ""},
        Change{"activations = \"activations\"\n\n[embedding]\ndimension = 200\n\n[activations]\nkind = "
               "\"sigmoid\"\nlabels = [\"rock\", \"pop\"]\n",
               "\n[embedding]\ndimension = 200\n"},
        Change{"embeddings = \"embeddings\"\nactivations = \"activations\"\n\n[embedding]\ndimension = 200\n",
               "activations = \"activations\"\n"},
        Change{"\"rock\"", R"("Yé-Yé \\ \" \t \u0001 \u007f")"},
        Change{"\"embeddings\"\nlicence", "'a \"b\"'\nlicence"},
        Change{"path = \"model.onnx\"", "path = \"sub folder/modèle.onnx\""}));

TEST(Manifest, HeadReadsBackEqual) {
  const Manifest manifest = parse_manifest(test::head_toml(), "sample");
  EXPECT_EQ(parse_manifest(to_toml(manifest), "rewritten"), manifest);
}

struct Refusal {
  std::string from;
  std::string to;
  std::string expected;  ///< part of the message
};

class RefusedExtractor : public ::testing::TestWithParam<Refusal> {};

TEST_P(RefusedExtractor, SaysWhatAndWhere) {
  const Refusal& refusal = GetParam();
  const std::string text = changed(test::extractor_toml(), refusal.from, refusal.to);
  const std::string message = expect_error(ErrorCode::model_mismatch, [&] { parse_manifest(text, "here.toml"); });
  EXPECT_TRUE(message.starts_with("here.toml: line ")) << message;
  expect_contains(message, refusal.expected);
}

INSTANTIATE_TEST_SUITE_P(
    Identity, RefusedExtractor,
    ::testing::Values(Refusal{"format = 1", "format = 2", "line 1: format is 2; it must be 1 to 1"},
                      Refusal{"format = 1\n", "", "format is missing"},
                      Refusal{"format = 1", "format = \"1\"", "format must be a whole number"},
                      Refusal{"format = 1", "format = 1\nlicense = \"ISC\"",
                              "line 2: 'license' is not a key of a manifest here; did you mean 'licence'?"},
                      Refusal{"\"msd-musicnn\"", "\"a/b\"", "name is 'a/b'"},
                      Refusal{"\"msd-musicnn\"", "\".hidden\"", "name is '.hidden'"},
                      Refusal{"\"msd-musicnn\"", "\"a+b\"", "name is 'a+b'"},
                      Refusal{"\"msd-musicnn\"", "\"\"", "name is empty"},
                      Refusal{"\"embed\"", "\"sing\"", "task is 'sing'; it must be embed"},
                      Refusal{"\"mel-patch\"", "\"mel_patch\"", "it must be mel-patch or embedding-head"},
                      Refusal{"\"mel-patch\"", "\"embedding-head\"", "extractor is missing"},
                      Refusal{"licence = \"ISC\"\n", "", "licence is missing"},
                      Refusal{"source = \"a wheel\"", "source = 1979-05-27", "source must be a text"},
                      Refusal{"", "\n[models]\nx = 1\n", "'models' is not a key"}));

INSTANTIATE_TEST_SUITE_P(
    Files, RefusedExtractor,
    ::testing::Values(Refusal{"role = \"graph\"", "role = \"weights\"", "must have one file with role"},
                      Refusal{"[[files]]", "[files]", "each headed [[files]]"},
                      Refusal{"\"model.onnx\"", "\"/etc/passwd\"", "path is '/etc/passwd'; it must be relative"},
                      Refusal{"\"model.onnx\"", "\"../model.onnx\"", "must be relative"},
                      Refusal{"\"model.onnx\"", "\"a/../../b\"", "must be relative"},
                      Refusal{"\"model.onnx\"", "\"folder/\"", "must be relative"},
                      Refusal{"\"model.onnx\"", "\"a\\u0000b\"", "must be relative"},
                      Refusal{"\"model.onnx\"", "\"model.toml\"", "must be relative"},
                      Refusal{"bytes = 3170167", "bytes = 0", "files[0].bytes is 0"},
                      Refusal{"bytes = 3170167", "bytes = -1", "files[0].bytes is -1"},
                      Refusal{"sha256 = \"0", "sha256 = \"A", "64 lower-case hexadecimal"},
                      Refusal{"sha256 = \"0", "sha256 = \"", "64 lower-case hexadecimal"},
                      Refusal{"[[files]]", "[[files]]\nsize = 3", "'files[0].size' is not a key"}));

INSTANTIATE_TEST_SUITE_P(
    Audio, RefusedExtractor,
    ::testing::Values(Refusal{"sample_rate = 16000", "sample_rate = 999", "audio.sample_rate is 999"},
                      Refusal{"sample_rate = 16000", "sample_rate = 16000.0", "must be a whole number"},
                      Refusal{"sample_rate = 16000", "sample_rate = 11025",
                              "front_end.high_hz is 8000; it must be 1 to 5512.5"},
                      Refusal{"\"linear\"", "\"sinc\"", "must be linear or sinc-medium or soxr-hq"},
                      Refusal{"fft = 1024", "fft = 511", "front_end.fft is 511; it must be 512 to 65536"},
                      Refusal{"fft = 1024", "fft = 9223372036854775807", "front_end.fft is"},
                      Refusal{"fft = 1024", "fft = 1023", "front_end.fft must be even"},
                      Refusal{"hop = 256", "hop = 513", "front_end.hop is 513; it must be 1 to 512"},
                      Refusal{"hop = 256", "hop = 0", "front_end.hop is 0"},
                      Refusal{"centred = true", "centred = 1", "front_end.centred must be true or false"},
                      Refusal{"bands = 96", "bands = 1025", "front_end.bands is 1025"},
                      Refusal{"bands = 96", "bnads = 96", "front_end.bands is missing"},
                      Refusal{"low_hz = 0.0", "low_hz = 8000", "front_end.low_hz is 8000; it must be 0 to 7999"},
                      Refusal{"low_hz = 0.0", "low_hz = nan", "front_end.low_hz is nan"},
                      Refusal{"high_hz = 8000.0", "high_hz = inf", "front_end.high_hz is inf"},
                      Refusal{"divisor = 1.0", "divisor = 0", "front_end.divisor is 0"},
                      Refusal{"add = 1.0\n", "", "front_end.add is missing"},
                      Refusal{"\"log10\"", "\"log2\"", "front_end.log is 'log2'"}));

INSTANTIATE_TEST_SUITE_P(
    PatchAndTensors, RefusedExtractor,
    ::testing::Values(Refusal{"frames = 187", "frames = 100001", "patch.frames is 100001"},
                      Refusal{"hop = 93", "hop = 188", "patch.hop is 188; it must be 1 to 187"},
                      Refusal{"fixed_batch = 0", "fixed_batch = 4", "patch.fixed_batch must be 0 where the graph cuts"},
                      Refusal{"fixed_batch = 0", "pooling = \"sum\"", "patch.pooling is 'sum'; it must be mean"},
                      Refusal{"batch = 4\n", "batch = 4097\n", "patch.batch is 4097"},
                      Refusal{"fixed_batch = 0", "fixed_batch = 5000", "patch.fixed_batch is 5000"},
                      Refusal{"fixed_batch = 0", "essentia_rows = \"some\"", "patch.essentia_rows is 'some'"},
                      Refusal{"[patch]", "[patches]", "patch is missing; family 'mel-patch' needs this section"},
                      Refusal{"input = \"melspectrogram\"\n", "", "tensors.input is missing"},
                      Refusal{"embeddings = \"embeddings\"\nactivations = \"activations\"\n", "", "name at least one"},
                      Refusal{"activations = \"activations\"", "activations = \"embeddings\"", "same tensor"},
                      Refusal{"activations = \"activations\"\n", "", "'activations' is not a key"},
                      Refusal{"\n[embedding]\ndimension = 200\n", "", "embedding is missing"},
                      Refusal{"dimension = 200", "dimension = 0", "embedding.dimension is 0"},
                      Refusal{"\"sigmoid\"", "\"tanh\"", "activations.kind is 'tanh'"},
                      Refusal{"[\"rock\", \"pop\"]", "[]", "at least one"},
                      Refusal{"[\"rock\", \"pop\"]", "[\"rock\", \"rock\"]", "has 'rock' twice"},
                      Refusal{"[\"rock\", \"pop\"]", "[\"rock\", 1]", "must be a text"},
                      Refusal{"[\"rock\", \"pop\"]", "\"rock\"", "must be an array"}));

INSTANTIATE_TEST_SUITE_P(Syntax, RefusedExtractor,
                         ::testing::Values(Refusal{"[audio]", "[audio", "not TOML: "},
                                           Refusal{"", std::string(100000, '['), "not TOML"},
                                           Refusal{"", "\nx = " + std::string(100000, '['), "not TOML"},
                                           Refusal{"", "\nname = \"twice\"\n[audio]\n", "not TOML"},
                                           Refusal{"", "\xFF\xFE", "not TOML"}));

TEST(Manifest, HeadWithAudioIsRefused) {
  const std::string text = test::head_toml() + "[audio]\nsample_rate = 16000\nresampler = \"linear\"\n";
  expect_contains(expect_error(ErrorCode::model_mismatch, [&] { parse_manifest(text, "x"); }), "'audio' is not a key");
}

TEST(Manifest, EmptyAndOversizedTextsAreRefused) {
  expect_error(ErrorCode::model_mismatch, [] { parse_manifest("", "x"); });
  expect_error(ErrorCode::model_mismatch, [] { parse_manifest(std::string((4 << 20) + 1, '\n'), "x"); });
}

TEST(Manifest, FolderWithoutManifestIsNotFound) {
  const test::TemporaryFolder folder;
  expect_error(ErrorCode::not_found, [&] { read_manifest(folder.path()); });
}

}  // namespace
}  // namespace vivace::model
