"""The same music gives the same numbers, however it is batched, threaded, asked for or stored."""

import numpy
import pytest

import signals
from audio import RATE, ffmpeg, wav_header, whole_tracks, write_silence
from models import copy_of_model, replace_in_manifest
from program import EFFNET, MUSICNN, embed, stream
from records import VECTORS, assert_close, assert_same_numbers
from vectors import cosine

EXTRACTORS = pytest.mark.parametrize("model", [MUSICNN, EFFNET])
LOSSLESS = ["flac", "aiff"]
LOSSY = ["mp3", "m4a", "ogg", "opus", "wma"]


@pytest.fixture(scope="module")
def stereo(tmp_path_factory):
    """A stereo WAV file of 8 s at 44.1 kHz: what music mostly comes as."""
    path = tmp_path_factory.mktemp("stereo") / "stereo.wav"
    signals.write_wav(path, 44100, signals.notes(44100, 2, 8 * 44100))
    return path


@pytest.fixture(scope="module")
def stereo_record(stereo):
    """What is said of it, with rows."""
    (record,) = embed(stereo, "--rows")
    return record


@pytest.fixture(scope="module", params=["made up", "real"])
def playlist(request, tracks, examples):
    """Twelve short tracks of a melody; or real music of several formats, a whole track among it."""
    return tracks if request.param == "made up" else [*whole_tracks("Awakening"), *examples]


@EXTRACTORS
@pytest.mark.parametrize("real", [False, True], ids=["made up", "real"])
def test_batch_of_7_16_and_64_equals_batch_of_one(song, model, real):
    (track,) = whole_tracks("Coherence") if real else [song]
    one, *others = (embed(track, "-m", model, "--rows", "--batch", batch) for batch in (1, 7, 16, 64))
    assert one[0]["rows"] > 64 or not real
    for found in others:
        assert_same_numbers(found, one)


@EXTRACTORS
def test_one_two_and_eight_threads_are_the_same(playlist, model):
    one, two, eight = (embed(*playlist, "-m", model, "--rows", "--threads", count) for count in (1, 2, 8))
    assert_same_numbers(two, one)
    assert_same_numbers(eight, one)


@EXTRACTORS
def test_stream_mode_equals_batch_mode(playlist, model):
    options = ["-m", model, "--rows", "--threads", "2"]
    by_path = {answer["path"]: answer for answer in stream(*options, lines=playlist)}
    assert_same_numbers([by_path[str(track)] for track in playlist], embed(*playlist, *options))


@EXTRACTORS
def test_embedding_and_tags_are_the_means_of_their_rows(song, model):
    (record,) = embed(song, "-m", model, "--rows")
    assert_close(record["embedding"], numpy.mean(record["embeddings"], axis=0))
    assert_close(list(record["tags"].values()), numpy.mean(record["activations"], axis=0))


def test_rows_option_leaves_the_means_as_they_are(song):
    (with_rows,), (without,) = embed(song, "--rows"), embed(song)
    assert {name: with_rows[name] for name in without} == without


@pytest.mark.parametrize("extension", LOSSLESS)
def test_lossless_file_equals_its_wav(stereo, stereo_record, tmp_path, extension):
    (record,) = embed(ffmpeg(stereo, tmp_path / f"copy.{extension}"), "--rows")
    assert record | {"path": stereo_record["path"]} == stereo_record


@pytest.mark.parametrize("extension", LOSSY)
def test_lossy_file_equals_what_ffmpeg_decodes_of_it(stereo, stereo_record, tmp_path, extension):
    copy = ffmpeg(stereo, tmp_path / f"copy.{extension}")
    found, expected = embed(copy, ffmpeg(copy, tmp_path / "decoded.wav", "-c:a", "pcm_f32le"), "--rows")
    assert found | {"path": expected["path"]} == expected
    assert found["rows"] == stereo_record["rows"]


@pytest.mark.parametrize("extension, frame_s", [("mp3", 0), ("m4a", 1024 / 44100), ("ogg", 0), ("opus", 0)])
def test_delay_and_padding_of_the_encoder_are_trimmed(stereo, tmp_path, extension, frame_s):
    (record,) = embed(ffmpeg(stereo, tmp_path / f"copy.{extension}"))
    assert record["duration_s"] == pytest.approx(8, abs=frame_s + 1e-4)


@pytest.mark.parametrize("rate", [48000, 192000])
def test_rate_of_the_file_does_not_matter_to_a_resampler_with_a_filter(stereo, tmp_path, rate):
    model = copy_of_model(tmp_path)
    replace_in_manifest(model, 'resampler = "linear"', 'resampler = "soxr-hq"')
    copy = ffmpeg(stereo, tmp_path / "copy.wav", "-ar", str(rate))
    found, expected = embed(copy, stereo, "-m", model, "--rows")
    assert (found["duration_s"], found["rows"]) == (8, expected["rows"])
    assert cosine(found["embeddings"], expected["embeddings"]).min() >= 0.99999


@pytest.mark.parametrize("codec", ["pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"])
def test_another_sample_format_equals_the_original(stereo, stereo_record, tmp_path, codec):
    assert_same_numbers(embed(ffmpeg(stereo, tmp_path / "copy.wav", "-c:a", codec), "--rows"), [stereo_record])


def test_8_khz_has_the_rows_of_any_other_rate(stereo, stereo_record, tmp_path):
    (record,) = embed(ffmpeg(stereo, tmp_path / "copy.wav", "-ar", "8000"))
    assert (record["status"], record["duration_s"], record["rows"]) == ("ok", 8, stereo_record["rows"])
    assert numpy.isfinite(record["embedding"]).all()


@pytest.mark.parametrize("channels", [2, 8])
def test_the_same_in_many_channels_is_mono(song, tmp_path, channels):
    same = "|".join(f"c{i}=c0" for i in range(channels))
    copy = ffmpeg(song, tmp_path / "copy.wav", "-af", f"pan={channels}c|{same}", "-c:a", "pcm_s16le")
    assert_same_numbers(embed(copy, "--rows"), embed(song, "--rows"))


def test_cover_picture_and_tags_change_nothing(song, tmp_path):
    cover = ffmpeg("color=red:size=32x32:duration=0.04", tmp_path / "cover.png", before=["-f", "lavfi"])
    plain = ffmpeg(song, tmp_path / "plain.flac")
    pictured = ffmpeg(
        plain,
        tmp_path / "pictured.flac",
        "-i",
        cover,
        "-map",
        "0",
        "-map",
        "1",
        "-c:a",
        "copy",
        "-disposition:v",
        "attached_pic",
        "-metadata",
        "title=Song",
    )
    assert_same_numbers(embed(pictured, "--rows"), embed(plain, "--rows"))


def test_first_of_several_audio_streams_counts(song, tmp_path):
    second = ["-f", "lavfi", "-i", "sine=duration=20"]
    both = ffmpeg(song, tmp_path / "both.mka", *second, "-map", "0", "-map", "1", "-c:a", "flac")
    assert_same_numbers(embed(both, "--rows"), embed(song, "--rows"))


@EXTRACTORS
@pytest.mark.parametrize("samples", [1, 100, RATE])
def test_file_shorter_than_a_patch_is_ok_without_rows_and_says_why(melody, tmp_path, model, samples):
    (record,) = embed(melody.write(tmp_path / "short.wav", samples / RATE), "-m", model, "--rows")
    assert (record["status"], record["error"], record["rows"]) == ("ok", None, 0)
    assert "shorter than one patch" in record["note"]
    assert [record[name] for name in (*VECTORS, "tags")] == [None] * 4


def test_wav_without_samples_is_ok_without_rows(tmp_path):
    (tmp_path / "empty.wav").write_bytes(wav_header(1, 0))
    (record,) = embed(tmp_path / "empty.wav")
    assert (record["status"], record["duration_s"], record["rows"]) == ("ok", 0, 0)


@EXTRACTORS
def test_silence_gives_finite_numbers(tmp_path, model):
    (record,) = embed(write_silence(tmp_path / "silence.wav", 6), "-m", model, "--rows")
    assert record["rows"] > 0
    assert all(numpy.isfinite(record[name]).all() for name in VECTORS)
