"""The same music gives the same numbers, however it is batched, threaded, asked for, stored or imported."""

import numpy
import pytest

from audio import RATE, ffmpeg, signals, wav_header, write_silence
from program import EFFNET, MODELS, MUSICNN, convert, embed, environment, json_lines, vivace

TOLERANCE = 1e-5
CLOSE = 0.995  # cosine; different tracks of these melodies have about 0.99
VECTORS = ["embedding", "embeddings", "activations"]
EXTRACTORS = pytest.mark.parametrize("model", [MUSICNN, EFFNET])
HEAD = "danceability"

# Extension -> how ffmpeg makes such a file; the losses of the others are small.
LOSSLESS = {"flac": [], "aiff": []}
LOSSY = {"mp3": ["-b:a", "192k"], "m4a": ["-b:a", "192k"], "ogg": ["-c:a", "libvorbis", "-q:a", "7"],
         "opus": ["-b:a", "160k"], "wma": ["-b:a", "192k"]}


@pytest.fixture(scope="module")
def stereo(tmp_path_factory):
    """A stereo WAV file of 8 s at 44.1 kHz: what music mostly comes as."""
    path = tmp_path_factory.mktemp("stereo") / "stereo.wav"
    signals.write_wav(path, 44100, signals.notes(44100, 2, 8 * 44100))
    return path


@pytest.fixture(scope="module")
def stereo_record(stereo):
    (record,) = embed(stereo, "--rows")
    return record


@pytest.fixture(scope="module")
def heads(tmp_path_factory):
    """A folder of models with a head on the embeddings of the seeded EffNet."""
    folder = tmp_path_factory.mktemp("heads")
    convert("classifier_head.py", "--task", HEAD, "--extractor", EFFNET, "-o", folder)
    return folder


def assert_same_numbers(found, expected):
    assert len(found) == len(expected)
    for a, b in zip(found, expected):
        for name in VECTORS:
            assert_close(a[name], b[name])
        assert a["tags"].keys() == b["tags"].keys()
        assert_close(list(a["tags"].values()), list(b["tags"].values()))


def assert_close(found, expected):
    """Within the tolerance, relative to the largest number but at least to 1."""
    assert numpy.shape(found) == numpy.shape(expected)
    difference = numpy.abs(numpy.subtract(found, expected)).max()
    assert difference <= TOLERANCE * max(1, numpy.abs(expected).max())


def cosine(a, b):
    return numpy.dot(a, b) / (numpy.linalg.norm(a) * numpy.linalg.norm(b))


@EXTRACTORS
def test_batch_of_7_16_and_64_equals_batch_of_one(song, model):
    one, *others = (embed(song, "-m", model, "--rows", "--batch", batch) for batch in (1, 7, 16, 64))
    for found in others:
        assert_same_numbers(found, one)


@EXTRACTORS
def test_one_two_and_eight_threads_are_the_same(tracks, model):
    one, two, eight = (embed(*tracks, "-m", model, "--rows", "--threads", count) for count in (1, 2, 8))
    assert_same_numbers(two, one)
    assert_same_numbers(eight, one)


@EXTRACTORS
def test_stream_mode_equals_batch_mode(tracks, model):
    options = ["-m", model, "--rows", "--threads", "2"]
    lines = "".join(f"{track}\n" for track in tracks)
    answers = json_lines(vivace("embed", "--stream", *options, input=lines).stdout)
    by_path = {answer["path"]: answer for answer in answers}
    assert_same_numbers([by_path[str(track)] for track in tracks], embed(*tracks, *options))


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
    copy = ffmpeg(stereo, tmp_path / f"copy.{extension}", *LOSSLESS[extension])
    (record,) = embed(copy, "--rows")
    assert record | {"path": stereo_record["path"]} == stereo_record


@pytest.mark.parametrize("extension", LOSSY)
def test_lossy_file_is_close_to_its_wav(stereo, stereo_record, tmp_path, extension):
    (record,) = embed(ffmpeg(stereo, tmp_path / f"copy.{extension}", *LOSSY[extension]), "--rows")
    assert cosine(record["embedding"], stereo_record["embedding"]) >= CLOSE
    assert record["rows"] == stereo_record["rows"]
    assert not record["truncated"]


@pytest.mark.parametrize("extension, frame_s", [("mp3", 0), ("m4a", 1024 / 44100), ("ogg", 0), ("opus", 0)])
def test_delay_and_padding_of_the_encoder_are_trimmed(stereo, tmp_path, extension, frame_s):
    (record,) = embed(ffmpeg(stereo, tmp_path / f"copy.{extension}"))
    assert record["duration_s"] == pytest.approx(8, abs=frame_s + 1e-4)


@pytest.mark.parametrize("rate", [48000, 192000])
def test_another_rate_is_close_to_the_original(stereo, stereo_record, tmp_path, rate):
    (record,) = embed(ffmpeg(stereo, tmp_path / "copy.wav", "-ar", str(rate)))
    assert (record["duration_s"], record["rows"]) == (8, stereo_record["rows"])
    assert cosine(record["embedding"], stereo_record["embedding"]) >= CLOSE


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
    pictured = ffmpeg(plain, tmp_path / "pictured.flac", "-i", cover, "-map", "0", "-map", "1", "-c:a", "copy",
                      "-disposition:v", "attached_pic", "-metadata", "title=Song")
    assert_same_numbers(embed(pictured, "--rows"), embed(plain, "--rows"))


def test_first_audio_stream_of_a_video_counts(song, tmp_path):
    video = ffmpeg(song, tmp_path / "video.mka", "-f", "lavfi", "-i", "sine=duration=20", "-map", "0", "-map", "1",
                   "-c:a", "flac")
    assert_same_numbers(embed(video, "--rows"), embed(song, "--rows"))


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


def test_head_adds_its_labels_whose_probabilities_sum_to_one(song, heads):
    (record,) = embed(song, "-m", f"{EFFNET}+{HEAD}", "--rows", env=environment([MODELS, heads]))
    (alone,) = embed(song, "-m", EFFNET, "--rows")
    added = {name: value for name, value in record["tags"].items() if name not in alone["tags"]}
    assert sum(added.values()) == pytest.approx(1, abs=TOLERANCE)
    assert [name.rsplit("/")[-1] for name in added] == ["danceable", "not_danceable"]
    assert numpy.sum(numpy.array(record["activations"])[:, 400:], axis=1) == pytest.approx(1, abs=TOLERANCE)
    assert_close(record["embeddings"], alone["embeddings"])


def test_chain_is_recorded_by_the_names_and_hashes_of_its_parts(song, heads):
    (record,) = embed(song, "-m", f"{EFFNET}+{HEAD}", env=environment([MODELS, heads]))
    (alone,) = embed(song, "-m", EFFNET)
    assert record["model"].startswith(f"{EFFNET}+{HEAD}")
    extractor_hash, head_hash = record["model_sha256"].split("+")
    assert extractor_hash == alone["model_sha256"] != head_hash


def test_head_by_its_full_name_is_the_head_by_its_task(song, heads):
    env = environment([MODELS, heads])
    (full_name,) = [path.name for path in heads.iterdir()]
    assert embed(song, "-m", f"{EFFNET}+{full_name}", env=env) == embed(song, "-m", f"{EFFNET}+{HEAD}", env=env)


def test_top_keeps_the_labels_of_heads(song, heads):
    (record,) = embed(song, "-m", f"{EFFNET}+{HEAD}", "--top", "3", env=environment([MODELS, heads]))
    assert len(record["tags"]) == 3 + 2


def install_published(models, name, options, converter, *arguments):
    """Has a converter make a model in its published form and imports that into the folder `models`."""
    raw = models.parent / f"{name}-raw"
    convert(converter, *arguments, "--raw", raw)
    (graph,), (metadata,) = raw.glob("*.onnx"), raw.glob("*.json")
    vivace("model", "import", graph, metadata, "--name", name, *options, env=environment(models))


def test_imported_pair_gives_the_numbers_of_the_converters_model(song, heads, tmp_path):
    models = tmp_path / "models"
    install_published(models, "extractor", [], "discogs_effnet.py")
    install_published(models, "head", ["--extractor", "extractor"], "classifier_head.py", "--task", HEAD)
    found = embed(song, "-m", "extractor+head", "--rows", env=environment(models))
    expected = embed(song, "-m", f"{EFFNET}+{HEAD}", "--rows", env=environment([MODELS, heads]))
    for name in VECTORS:
        assert_close(found[0][name], expected[0][name])
