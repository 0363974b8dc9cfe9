"""What `vivace embed` takes and what it writes: lists and folders in, five formats and text out."""

import hashlib

import numpy
import pytest

from audio import cut_short, repeated, whole_tracks
from outputs import float32, read_output
from program import EFFNET, MODELS, MUSICNN, NOTHING_COULD_RUN, SOME_FAILED, USAGE, embed, environment, labels, vivace

FORMATS = ["csv", "jsonl", "npy", "db", "parquet"]
TRACK_FIELDS = [
    "path",
    "status",
    "error",
    "duration_s",
    "truncated",
    "note",
    "model",
    "model_sha256",
    "front_end",
    "resampler",
    "dimension",
    "row_rate_hz",
    "rows",
    "embedding",
    "tags",
]
ROW_FIELDS = ["times_s", "embeddings", "activations"]
STAGES = ["decode", "resample", "mel", "model", "output"]
PATCH_HOP_S = {MUSICNN: 93 * 256 / 16000, EFFNET: 62 * 256 / 16000}


@pytest.fixture(scope="module")
def mixed(melody, tmp_path_factory):
    """Two good tracks, one too short for a row, one cut off and one that is missing."""
    folder = tmp_path_factory.mktemp("mixed")
    good = [melody.write(folder / 'good, with "quotes".wav', 5), melody.write(folder / "gut – schön.wav", 7, start=3)]
    short = melody.write(folder / "short.wav", 1)
    return [good[0], short, folder / "missing.wav", cut_short(good[1], folder / "cut.wav", 0.8), good[1]]


def names(records):
    return [record["path"] for record in records]


@pytest.mark.parametrize("rows", [[], ["--rows"]], ids=["mean", "rows"])
@pytest.mark.parametrize("extension", FORMATS)
def test_every_format_holds_what_json_lines_hold(mixed, tmp_path, extension, rows):
    output = tmp_path / f"output.{extension}"
    vivace("embed", *mixed, *rows, "-o", output, status=SOME_FAILED)
    assert read_output(output) == float32(embed(*mixed, *rows, status=SOME_FAILED))


@pytest.fixture(scope="module")
def music(examples):
    """Real music of three formats, a whole track among it, and its records as JSON lines hold them."""
    files = [*examples, *whole_tracks("Awakening")]
    return files, embed(*files, "--rows")


@pytest.mark.parametrize("extension", FORMATS)
def test_every_format_holds_real_music(music, tmp_path, extension):
    files, records = music
    output = tmp_path / f"output.{extension}"
    vivace("embed", *files, "--rows", "-o", output)
    assert read_output(output) == float32(records)
    assert [record["truncated"] for record in records] == [False] * len(files)


@pytest.mark.parametrize("extension", FORMATS)
def test_nothing_but_the_output_is_left_behind(tracks, tmp_path, extension):
    vivace("embed", tracks[-1], "-o", tmp_path / f"output.{extension}")
    index = {"output.index.jsonl"} if extension == "npy" else set()
    assert {path.name for path in tmp_path.iterdir()} == {f"output.{extension}"} | index


def test_the_cache_of_the_user_holds_nothing_of_other_programs(song, tmp_path):
    env = environment(XDG_CACHE_HOME=str(tmp_path))
    env.pop("ORT_DISABLE_TELEMETRY", None)
    embed(song, env=env)
    assert [entry.name for entry in tmp_path.iterdir()] == ["vivace"]


@pytest.mark.parametrize("extension, format_name", [("ndjson", "jsonl"), ("sqlite", "db"), ("CSV", "csv")])
def test_extensions_of_the_same_format(tracks, tmp_path, extension, format_name):
    vivace("embed", tracks[-1], "-o", tmp_path / f"output.{extension}")
    renamed = (tmp_path / f"output.{extension}").rename(tmp_path / f"output.{format_name}")
    assert names(read_output(renamed)) == [str(tracks[-1])]


def test_format_option_overrules_the_extension(tracks, tmp_path):
    vivace("embed", tracks[-1], "--format", "jsonl", "-o", tmp_path / "output.csv")
    assert names(read_output((tmp_path / "output.csv").rename(tmp_path / "output.jsonl"))) == [str(tracks[-1])]


def test_unknown_extension_is_refused_with_those_known(tracks, tmp_path):
    output = tmp_path / "output.docx"
    message = vivace("embed", tracks[-1], "-o", output, status=USAGE).stderr
    assert str(output) in message and ".csv, .jsonl, .npy, .parquet or .db" in message
    assert not output.exists()


def test_unknown_format_is_refused_with_those_known(tracks, tmp_path):
    message = vivace("embed", tracks[-1], "--format", "docx", "-o", tmp_path / "output", status=USAGE).stderr
    assert "'docx'" in message and "csv, jsonl, npy, parquet, db" in message


def test_fields_of_a_good_track(song):
    (record,) = embed(song)
    graph = (MODELS / MUSICNN / "model.onnx").read_bytes()
    assert list(record) == TRACK_FIELDS
    assert {name: record[name] for name in TRACK_FIELDS[:13]} == {
        "path": str(song),
        "status": "ok",
        "error": None,
        "duration_s": 20,
        "truncated": False,
        "note": None,
        "model": MUSICNN,
        "model_sha256": hashlib.sha256(graph).hexdigest(),
        "front_end": "log-mel 96 bands 512/256 at 16000 Hz, patches 187/93 #e2fd1f8a",
        "resampler": "linear",
        "dimension": 200,
        "row_rate_hz": pytest.approx(1 / PATCH_HOP_S[MUSICNN]),
        "rows": 12,
    }
    assert len(record["embedding"]) == 200


def test_all_tags_are_probabilities_by_the_name_of_their_label(song):
    (record,) = embed(song)
    assert list(record["tags"]) == labels(MUSICNN)
    assert all(0 <= value <= 1 for value in record["tags"].values())


@pytest.mark.parametrize("model, dimension, count", [(MUSICNN, 200, 50), (EFFNET, 1280, 400)])
def test_rows_have_a_time_a_vector_and_activations_each(song, model, dimension, count):
    (record,) = embed(song, "-m", model, "--rows")
    assert list(record) == TRACK_FIELDS + ROW_FIELDS
    assert numpy.shape(record["embeddings"]) == (record["rows"], dimension)
    assert numpy.shape(record["activations"]) == (record["rows"], count)
    times = [row * PATCH_HOP_S[model] for row in range(record["rows"])]
    assert record["times_s"] == pytest.approx(times, abs=1e-5)


def test_top_keeps_the_highest_tags_in_falling_order(song):
    everything, top = embed(song)[0]["tags"], embed(song, "--top", "3")[0]["tags"]
    highest = sorted(everything.items(), key=lambda tag: -tag[1])[:3]
    assert list(top.items()) == highest


@pytest.mark.parametrize("option", ["--top", "--threads", "--batch"])
def test_negative_numbers_are_refused(song, option):
    assert option in vivace("embed", song, option, "-1", status=USAGE).stderr


def test_output_is_in_input_order_whatever_the_thread_count(tracks, tmp_path):
    contents = []
    for threads in (1, 2, 8):
        output = tmp_path / f"{threads}.jsonl"
        vivace("embed", *tracks, "--threads", threads, "-o", output)
        assert names(read_output(output)) == [str(track) for track in tracks]
        contents.append(output.read_bytes())
    assert contents[0] == contents[1] == contents[2]


def test_text_shows_people_name_length_and_five_tags(song):
    (record,) = embed(song, "--top", "5")
    name, tags = vivace("embed", song).stdout.splitlines()
    assert name == f"{song}  0:20"
    assert tags.strip() == ", ".join(f"{label} {value:.2f}" for label, value in record["tags"].items())


def test_text_says_why_a_track_failed_or_has_no_rows(mixed):
    text = vivace("embed", mixed[1], mixed[2], status=SOME_FAILED).stdout
    assert "no rows: 1.000 s is shorter than one patch" in text
    assert f"{mixed[2]}\n    failed: no such file" in text


def test_summary_counts_tracks_and_failures(mixed):
    summary = vivace("embed", *mixed, "--json", status=SOME_FAILED).stderr.splitlines()[-1]
    assert summary.startswith("5 tracks, 1 failed, ")
    assert all(unit in summary for unit in ("h of audio", "real-time factor", "tracks/s", "1 truncated"))


def test_quiet_says_nothing_about_good_tracks(tracks, tmp_path):
    done = vivace("embed", tracks[-1], "--quiet", "-o", tmp_path / "output.csv")
    assert done.stdout + done.stderr == ""


def test_profile_says_where_the_time_of_a_run_went(song, tmp_path):
    ten_minutes = repeated(song, tmp_path / "ten minutes.wav", 30)
    said = vivace("embed", ten_minutes, "--threads", "1", "--json", "--profile").stderr
    seconds = {stage: float(cells[0]) for stage, *cells in map(str.split, said.splitlines()) if stage in STAGES}
    assert seconds.keys() == set(STAGES)
    assert all(seconds[stage] > 0 for stage in ("decode", "resample", "mel", "model"))
    wall = float(said.split(" h of audio in ")[1].split(" s")[0])
    assert wall / 2 <= sum(seconds.values()) <= wall + 0.1
    assert 20 < float(said.split("peak resident memory ")[1].split(" MB")[0]) < 1000


def test_folders_are_searched_through_in_natural_order(melody, tmp_path):
    inside = ["a/1.wav", "a/2.WAV", "a/10.wav", "b.wav", "disc 2/x.wav", "disc 10/x.wav"]
    for name in reversed(inside):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        melody.write(tmp_path / name, 0.1)
    for ignored in ("notes.txt", ".hidden.wav", "a/cover.jpg"):
        (tmp_path / ignored).write_text("not for us")
    assert names(embed(tmp_path)) == [str(tmp_path / name) for name in inside]


def test_a_folder_that_links_to_itself_is_searched_once(melody, tmp_path):
    track = melody.write(tmp_path / "track.wav", 0.1)
    (tmp_path / "again").symlink_to(tmp_path)
    assert names(embed(tmp_path)) == [str(track)]


def test_a_folder_without_audio_is_nothing_to_do(tmp_path):
    assert "no audio files" in vivace("embed", tmp_path, status=NOTHING_COULD_RUN).stderr


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\0"], ids=["lines", "dos-lines", "nul"])
def test_list_of_paths_in_a_file(tracks, tmp_path, separator):
    paths = tmp_path / "paths"
    paths.write_bytes(separator.join(map(str, tracks[-3:])).encode())
    assert names(embed("--from", paths)) == [str(track) for track in tracks[-3:]]


def test_list_of_paths_on_standard_input(tracks):
    paths = "".join(f"{track}\n" for track in tracks[-3:])
    assert names(embed("--from", "-", input=paths)) == [str(track) for track in tracks[-3:]]


def test_nul_list_holds_names_with_newlines(melody, tmp_path):
    track = melody.write(tmp_path / "two\nlines.wav", 0.1)
    assert names(embed("--from", "-", input=f"{track}\0")) == [str(track)]


def test_named_files_come_before_those_of_the_list(tracks):
    listed = f"{tracks[0]}\n"
    assert names(embed(tracks[-1], "--from", "-", input=listed)) == [str(tracks[-1]), str(tracks[0])]


def test_list_that_cannot_be_read_is_refused(tmp_path):
    message = vivace("embed", "--from", tmp_path / "nowhere", status=NOTHING_COULD_RUN).stderr
    assert f"{tmp_path / 'nowhere'}: the list cannot be read" in message
