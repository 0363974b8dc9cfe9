"""Bad files among good ones, bad outputs and bad models: clear messages, no harm to anything else."""

import math
import os
import resource
import signal
import subprocess
from array import array

import pytest

from audio import RATE, cut_short, ffmpeg, repeated, wav_header, write_wav_that_claims
from models import copy_of_model, pin_graph, replace_in_manifest
from outputs import read_output
from program import (
    ALL_GOOD,
    EFFNET,
    MUSICNN,
    NOTHING_COULD_RUN,
    SOME_FAILED,
    UNPRIVILEGED,
    USAGE,
    embed,
    json_lines,
    started,
    vivace,
)


def write_float_wav(path, melody, odd_value):
    """Four seconds of a melody as floating point, with one odd sample in the middle."""
    samples = array("f", (sample / 32768 for sample in melody.samples[: 4 * RATE]))
    samples[2 * RATE] = odd_value
    path.write_bytes(wav_header(1, samples.itemsize * len(samples), sample_format=3, bits=32) + samples.tobytes())
    return path


def failing_files(folder, melody):
    """File -> the code and a word of the message of its failure."""
    files = {
        name: folder / name
        for name in (
            "empty.wav",
            "text.mp3",
            "no channels.wav",
            "random.flac",
            "picture.m4a",
            "header only.wav",
            "dangling.wav",
            "new\nline.wav",
            "schlüssel – 鍵.mp3",
        )
    }
    files["empty.wav"].touch()
    files["text.mp3"].write_text("This is a letter and no music.\n" * 50)
    files["no channels.wav"].write_bytes(wav_header(0, 64000) + bytes(64000))
    files["random.flac"].write_bytes(bytes(i * i % 251 for i in range(50000)))
    ffmpeg("color=blue:size=64x64:duration=1", files["picture.m4a"], "-f", "mp4", before=["-f", "lavfi"])
    files["header only.wav"].write_bytes(wav_header(1, 64000)[:20])
    files["dangling.wav"].symlink_to(folder / "gone.wav")
    files["new\nline.wav"].write_text("not audio")
    files["schlüssel – 鍵.mp3"].write_bytes(b"\xff\xfb" + bytes(1000))
    nan = write_float_wav(folder / "nan.wav", melody, math.nan)
    infinite = write_float_wav(folder / "infinite.wav", melody, math.inf)
    return {
        files["empty.wav"]: ("corrupt_data", "empty"),
        files["text.mp3"]: ("corrupt_data", "not audio"),
        files["no channels.wav"]: ("corrupt_data", "0 channels"),
        files["random.flac"]: ("corrupt_data", "audio"),
        files["picture.m4a"]: ("corrupt_data", "without an audio stream"),
        files["header only.wav"]: ("corrupt_data", "audio"),
        files["dangling.wav"]: ("not_found", "link"),
        files["new\nline.wav"]: ("corrupt_data", "audio"),
        files["schlüssel – 鍵.mp3"]: ("corrupt_data", "audio"),
        nan: ("corrupt_data", "not a finite number"),
        infinite: ("corrupt_data", "not a finite number"),
    }


def good_files(folder, melody):
    """Unusual names and forms that are no reason to fail."""
    plain = melody.write(folder / "a good one.wav", 5)
    return [
        plain,
        melody.write(folder / "good\nnew line.wav", 4, start=2),
        melody.write(folder / "gut – よい.wav", 4, start=3),
        ffmpeg(plain, folder / "good eight channels.wav", "-ac", "8"),
        ffmpeg(plain, folder / "good low rate.wav", "-ar", "8000"),
        ffmpeg(plain, folder / "good high rate.flac", "-ar", "192000"),
    ]


class Mess:
    """A folder with good and bad files and what the program makes of it."""

    def __init__(self, folder, melody):
        self.good = good_files(folder, melody)
        self.failures = failing_files(folder, melody)
        inside = folder / "a folder.wav"
        inside.mkdir()
        self.good.append(melody.write(inside / "inside.wav", 4, start=4))
        self.folder = folder
        self.done = vivace("embed", folder, "--threads", "2", "-o", folder / "out.jsonl", status=SOME_FAILED)
        self.records = {record["path"]: record for record in read_output(folder / "out.jsonl")}


@pytest.fixture(scope="module")
def mess(melody, tmp_path_factory):
    """A folder with good and bad files, embedded once."""
    return Mess(tmp_path_factory.mktemp("mess"), melody)


def test_bad_files_are_failed_rows_with_code_and_message(mess):
    failed = {path: record["error"] for path, record in mess.records.items() if record["status"] == "failed"}
    assert failed.keys() == {str(path) for path in mess.failures}
    for path, (code, word) in mess.failures.items():
        assert failed[str(path)]["code"] == code, path
        assert word in failed[str(path)]["message"], path


def test_messages_of_bad_files_name_their_path(mess):
    for path in mess.failures:
        message = mess.records[str(path)]["error"]["message"]
        line = f"{path}: {message}".replace("\n", "?")  # one line for people, whatever is in the name
        assert f"vivace: {line}\n" in mess.done.stderr


def test_good_tracks_among_bad_ones_are_whole(mess):
    good = [mess.records[str(path)] for path in mess.good]
    mess_free = vivace("embed", *mess.good, "-o", mess.folder / "good.jsonl")
    assert mess_free.stderr.count("\n") == 1  # the summary
    assert good == read_output(mess.folder / "good.jsonl")
    assert {record["status"] for record in good} == {"ok"}


def test_summary_counts_every_file_of_a_mess_once(mess):
    assert len(mess.records) == len(mess.good) + len(mess.failures)
    assert f"{len(mess.records)} tracks, {len(mess.failures)} failed" in mess.done.stderr


def test_pipe_is_passed_over_in_a_folder_and_refused_by_name(melody, tmp_path):
    track = melody.write(tmp_path / "track.wav", 4)
    os.mkfifo(tmp_path / "pipe.wav")
    assert [record["path"] for record in embed(tmp_path)] == [str(track)]
    (record,) = embed(tmp_path / "pipe.wav", status=SOME_FAILED)
    message = "is not a regular file; copy its content to one first"
    assert record["error"] == {"code": "invalid_argument", "message": message}


SHARES = (0.2, 0.7, 0.98)

# Format -> how many seconds may be between the share of the bytes and that of the music: what the last packets hold, or
# a page of Ogg, and how much the bit rate changes.
CUT_FORMATS = {"wav": 0.01, "aiff": 0.01, "mp3": 0.2, "wma": 0.2, "flac": 0.5, "ogg": 1.1, "opus": 1.1}
CUT_M4A = 0.3


def cut_files(song, folder, extension, *options):
    """The song in some format, after a fifth, after most and shortly before its end cut off."""
    whole = ffmpeg(song, folder / f"whole.{extension}", *options)
    return [cut_short(whole, folder / f"{share}.{extension}", share) for share in SHARES]


def assert_used_as_far_as_they_go(files, tolerance_s):
    done = vivace("embed", *files, "--json")
    for path, share, record in zip(files, SHARES, json_lines(done.stdout), strict=True):
        assert (record["path"], record["status"], record["truncated"]) == (str(path), "ok", True)
        assert record["duration_s"] == pytest.approx(20 * share, abs=tolerance_s)
        assert record["duration_s"] < 20
        assert f"vivace: {path}: the file is damaged or cut short" in done.stderr


@pytest.mark.parametrize("extension", CUT_FORMATS)
def test_cut_file_is_used_as_far_as_it_goes_and_flagged(song, tmp_path, extension):
    assert_used_as_far_as_they_go(cut_files(song, tmp_path, extension), CUT_FORMATS[extension])


def test_cut_m4a_with_its_index_in_front_is_used_as_far_as_it_goes(song, tmp_path):
    files = cut_files(song, tmp_path, "m4a", "-movflags", "+faststart")
    assert_used_as_far_as_they_go(files, CUT_M4A)


def test_cut_m4a_with_its_index_at_the_end_fails_clearly(song, tmp_path):
    files = cut_files(song, tmp_path, "m4a")
    done = vivace("embed", *files, "--json", status=SOME_FAILED)
    for path, record in zip(files, json_lines(done.stdout), strict=True):
        assert (record["status"], record["error"]["code"]) == ("failed", "corrupt_data")
        assert f"vivace: {path}: {record['error']['message']}" in done.stderr


def test_rows_before_the_cut_are_those_of_the_whole_file(song, tmp_path):
    cut = cut_short(song, tmp_path / "cut.wav", 0.5)
    (part,), (whole,) = embed(cut, "--rows"), embed(song, "--rows")
    kept = part["rows"] - 1  # the last may reach into the missing half
    assert kept > 3
    for found, expected in zip(part["embeddings"][:kept], whole["embeddings"]):
        assert found == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("claimed", [8 * RATE + 200, 2**31])
def test_wav_that_claims_more_than_it_has_is_flagged(melody, tmp_path, claimed):
    (record,) = embed(write_wav_that_claims(tmp_path / "liar.wav", melody, claimed))
    assert (record["status"], record["truncated"], record["duration_s"]) == ("ok", True, 4)


def test_wav_of_a_recorder_that_knew_no_length_is_whole(melody, tmp_path):
    (record,) = embed(write_wav_that_claims(tmp_path / "streamed.wav", melody, 2**32 - 37))
    assert (record["status"], record["truncated"], record["duration_s"]) == ("ok", False, 4)


def test_damage_in_the_middle_is_flagged_and_does_not_end_the_track(song, tmp_path):
    content = bytearray(ffmpeg(song, tmp_path / "whole.mp3").read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = bytes(2000)
    (tmp_path / "damaged.mp3").write_bytes(content)
    (record,) = embed(tmp_path / "damaged.mp3")
    assert (record["status"], record["truncated"]) == ("ok", True)
    assert record["duration_s"] > 15


def test_unreadable_file_fails_alone(melody, tmp_path):
    secret, readable = (melody.write(tmp_path / name, 4) for name in ("secret.wav", "readable.wav"))
    secret.chmod(0)
    failed, good = embed(secret, readable, status=SOME_FAILED, prefix=UNPRIVILEGED)
    assert (failed["path"], failed["status"]) == (str(secret), "failed")
    assert failed["error"] == {"code": "unavailable", "message": "cannot be read: Permission denied"}
    assert [good] == embed(readable)


def test_file_that_shrinks_while_it_is_read_is_flagged(tmp_path, song):
    """The program opens the tracks in order, one at a time, and has told of the first before the second is over."""
    first, second = cut_short(song, tmp_path / "1.wav", 0.5), tmp_path / "2.wav"
    repeated(song, second, 31)
    command = ["embed", first, second, "--threads", "1", "-o", tmp_path / "out.jsonl"]
    with started(*command, stderr=subprocess.PIPE) as process:
        assert str(first) in process.stderr.readline()
        os.truncate(second, second.stat().st_size // 100)
        rest = process.communicate()[1]
    assert process.returncode == ALL_GOOD
    assert f"{second}: the file is damaged or cut short" in rest
    record = read_output(tmp_path / "out.jsonl")[1]
    assert (record["status"], record["truncated"]) == ("ok", True)
    assert record["duration_s"] < 600


def test_full_disk_for_the_output_is_told_with_its_path(song):
    for name in ("csv", "jsonl"):
        message = vivace("embed", song, "--format", name, "-o", "/dev/full", status=NOTHING_COULD_RUN).stderr
        assert message == "vivace: /dev/full: cannot be written: No space left on device\n"


def test_full_disk_behind_standard_output_is_told(song):
    with open("/dev/full", "w") as full:
        pipes = {"capture_output": False, "stdout": full, "stderr": subprocess.PIPE}
        done = vivace("embed", song, "--json", status=NOTHING_COULD_RUN, **pipes)
    assert done.stderr == "vivace: standard output: cannot be written: No space left on device\n"


def limit_file_size():
    """No file grows beyond 20 kB: a disk that gets full during the run."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


@pytest.mark.parametrize("extension", ["csv", "jsonl", "npy", "parquet"])
def test_disk_that_gets_full_leaves_no_half_output_under_its_name(tracks, tmp_path, extension):
    output = tmp_path / f"output.{extension}"
    done = vivace("embed", *tracks, "--rows", "-o", output, status=NOTHING_COULD_RUN, preexec_fn=limit_file_size)
    assert done.stderr.startswith(f"vivace: {output}")
    assert not output.exists()


@pytest.mark.parametrize("extension", ["csv", "jsonl", "db"])
def test_run_that_met_a_full_disk_is_gone_on_with(tracks, tmp_path, extension):
    output, undisturbed = tmp_path / f"output.{extension}", tmp_path / f"undisturbed.{extension}"
    vivace("embed", *tracks, "-o", output, status=NOTHING_COULD_RUN, preexec_fn=limit_file_size)
    vivace("embed", *tracks, "--skip-existing", "-o", output)
    vivace("embed", *tracks, "-o", undisturbed)
    assert read_output(output) == read_output(undisturbed)


def flip_a_byte(model):
    graph = bytearray((model / "model.onnx").read_bytes())
    graph[len(graph) // 2] ^= 1
    (model / "model.onnx").write_bytes(graph)


def replace_graph_by_text(model):
    (model / "model.onnx").write_text("this is no graph")
    pin_graph(model)


DAMAGES = {
    "wrong-hash": (flip_a_byte, ["model.onnx", "SHA-256", "install the model again"]),
    "cut-graph": (lambda model: os.truncate(model / "model.onnx", 1000), ["is 1000 bytes", "install the model again"]),
    "no-graph": (lambda model: (model / "model.onnx").unlink(), ["model.onnx", "missing", "install the model again"]),
    "not-onnx": (replace_graph_by_text, ["model.onnx"]),
    "missing-tensor": (
        lambda model: replace_in_manifest(model, 'input = "melspectrogram"', 'input = "spectrum"'),
        ["'spectrum'", "melspectrogram"],
    ),
    "wrong-dimension": (lambda model: replace_in_manifest(model, "dimension = 200", "dimension = 201"), ["200", "201"]),
    "impossible-hop": (lambda model: replace_in_manifest(model, "hop = 256", "hop = 0"), ["model.toml", "hop"]),
    "unknown-key": (
        lambda model: replace_in_manifest(model, "hop = 256", "hop = 256\nhopp = 1"),
        ["model.toml", "hopp"],
    ),
    "not-toml": (lambda model: (model / "model.toml").write_text("= nothing"), ["model.toml"]),
    "no-manifest": (lambda model: (model / "model.toml").unlink(), ["model.toml"]),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_model_is_refused_before_any_track_is_touched(song, tmp_path, damage):
    model = copy_of_model(tmp_path)
    do_damage, words = DAMAGES[damage]
    do_damage(model)
    output = tmp_path / "output.csv"
    done = vivace("embed", song, tmp_path / "missing.wav", "-m", model, "-o", output, status=NOTHING_COULD_RUN)
    assert all(word in done.stderr for word in words), done.stderr
    assert "missing.wav" not in done.stderr and not output.exists()


def test_unknown_model_is_refused_with_those_installed(song):
    message = vivace("embed", song, "-m", "msd-musicn", status=NOTHING_COULD_RUN).stderr
    assert all(name in message for name in ("'msd-musicn'", MUSICNN, EFFNET))


def test_two_extractors_cannot_be_chained(song):
    message = vivace("embed", song, "-m", f"{MUSICNN}+{EFFNET}", status=USAGE).stderr
    assert EFFNET in message
