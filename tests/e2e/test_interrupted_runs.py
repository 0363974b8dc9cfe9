"""Runs that are stopped or killed lose nothing: the same command with --skip-existing completes them."""

import signal
import subprocess

import pytest

from audio import cut_short, repeated
from outputs import read_output
from program import (
    MTT_MUSICNN,
    MUSICNN,
    NOTHING_COULD_RUN,
    SOME_FAILED,
    USAGE,
    interrupted_until_it_ends,
    started,
    vivace,
)

CONTINUABLE_FORMATS = ["csv", "jsonl", "db"]
CONTINUABLE = pytest.mark.parametrize("extension", CONTINUABLE_FORMATS)

# A database commits 64 records at a time. The tracks after the marker are long, so that there is time to stop the run.
BEFORE, AFTER = 70, 12


class LongRun:
    """Many tracks with one among them that makes the program speak as soon as it is reached."""

    def __init__(self, folder, melody):
        short = melody.write(folder / "short", 3.1)
        long = melody.write(folder / "long", 30)
        self.marker = cut_short(short, folder / f"{BEFORE}.wav", 0.99)
        for i in range(BEFORE):
            (folder / f"{i}.wav").symlink_to(short)
        for i in range(BEFORE + 1, BEFORE + 1 + AFTER):
            (folder / f"{i}.wav").symlink_to(long)
        self.folder = folder
        vivace("embed", folder, "-o", folder / "undisturbed.jsonl")
        self.undisturbed = read_output(folder / "undisturbed.jsonl")

    def stop_in_the_middle(self, output, *signal_numbers):
        """Sends the signals when the marker was reached. What the program then says, and its status."""
        with started("embed", self.folder, "--threads", "1", "-o", output, stderr=subprocess.PIPE) as process:
            assert str(self.marker) in process.stderr.readline()
            for signal_number in signal_numbers:
                process.send_signal(signal_number)
            _, rest = process.communicate()
        return rest, process.returncode

    def complete(self, output):
        return vivace("embed", self.folder, "--skip-existing", "-o", output)


@pytest.fixture(scope="module")
def long_run(melody, tmp_path_factory):
    """A run that is long enough to be stopped, and what it gives undisturbed."""
    return LongRun(tmp_path_factory.mktemp("long-run"), melody)


@pytest.mark.parametrize("extension", ["csv", "jsonl", "npy", "db", "parquet"])
def test_ctrl_c_leaves_a_whole_output_with_the_finished_tracks(long_run, tmp_path, extension):
    output = tmp_path / f"output.{extension}"
    said, status = long_run.stop_in_the_middle(output, signal.SIGINT)
    assert status == SOME_FAILED
    assert "press Ctrl-C again" in said and "stopped before all tracks were done" in said
    assert ("--skip-existing goes on" in said) == (extension in CONTINUABLE_FORMATS)
    records = read_output(output)
    assert BEFORE < len(records) < BEFORE + 1 + AFTER
    assert records == long_run.undisturbed[: len(records)]


@CONTINUABLE
@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_stopped_run_is_completed_to_what_an_undisturbed_one_gives(long_run, tmp_path, extension, signal_number):
    output = tmp_path / f"output.{extension}"
    long_run.stop_in_the_middle(output, signal_number)
    summary = long_run.complete(output).stderr
    already_there = int(summary.split(" already there")[0].split()[-1])
    assert 64 <= already_there < BEFORE + 1 + AFTER
    assert read_output(output) == long_run.undisturbed
    assert [path.name for path in tmp_path.iterdir()] == [output.name]


def test_termination_is_as_gentle_as_ctrl_c(long_run, tmp_path):
    said, status = long_run.stop_in_the_middle(tmp_path / "output.csv", signal.SIGTERM)
    assert status == SOME_FAILED and "--skip-existing goes on" in said
    records = read_output(tmp_path / "output.csv")
    assert BEFORE < len(records) < BEFORE + 1 + AFTER
    assert records == long_run.undisturbed[: len(records)]


def test_signals_at_the_same_time_are_one(long_run, tmp_path):
    """As `timeout` sends them: to the program, and to its group."""
    at_once = [signal.SIGSTOP, signal.SIGTERM, signal.SIGINT, signal.SIGCONT]
    said, status = long_run.stop_in_the_middle(tmp_path / "output.csv", *at_once)
    assert status == SOME_FAILED and "--skip-existing goes on" in said


def test_second_ctrl_c_stops_at_once(long_run, song, tmp_path):
    ten_minutes = repeated(song, tmp_path / "ten minutes.wav", 30)
    output = tmp_path / "output.csv"
    command = ["embed", long_run.marker, ten_minutes, "--threads", "1", "-o", output]
    with started(*command, stderr=subprocess.PIPE) as process:
        assert str(long_run.marker) in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert "press Ctrl-C again" in process.stderr.readline()
        assert interrupted_until_it_ends(process) == 128 + signal.SIGINT
    vivace("embed", long_run.marker, "--skip-existing", "-o", output)
    assert [record["path"] for record in read_output(output)] == [str(long_run.marker)]


@CONTINUABLE
def test_completed_run_is_left_as_it_is(tracks, tmp_path, extension):
    output = tmp_path / f"output.{extension}"
    vivace("embed", *tracks[:3], "-o", output)
    before = read_output(output)
    assert "0 tracks, 0 failed" in vivace("embed", *tracks[:3], "--skip-existing", "-o", output).stderr
    assert read_output(output) == before


@CONTINUABLE
def test_new_tracks_are_added_to_those_that_are_there(tracks, tmp_path, extension):
    output, at_once = tmp_path / f"output.{extension}", tmp_path / f"at once.{extension}"
    vivace("embed", *tracks[:2], "-o", output)
    vivace("embed", *tracks[:4], "--skip-existing", "-o", output)
    vivace("embed", *tracks[:4], "-o", at_once)
    assert read_output(output) == read_output(at_once)


@CONTINUABLE
def test_failed_tracks_are_tried_again_only_on_request(tracks, tmp_path, extension):
    output, late = tmp_path / f"output.{extension}", tmp_path / "late.wav"
    command = ["embed", tracks[0], late, "-o", output]
    vivace(*command, status=SOME_FAILED)
    late.symlink_to(tracks[1])
    vivace(*command, "--skip-existing")
    assert statuses(output) == {str(tracks[0]): "ok", str(late): "failed"}
    summary = vivace(*command, "--retry-failed").stderr
    assert "1 tracks, 0 failed" in summary and "1 already there" in summary
    assert statuses(output) == {str(tracks[0]): "ok", str(late): "ok"}


def statuses(output):
    records = read_output(output)
    by_path = {record["path"]: record["status"] for record in records}
    assert len(by_path) == len(records)
    return by_path


def test_database_keeps_the_message_of_a_failure(tracks, tmp_path):
    vivace("embed", tracks[0], tmp_path / "missing.wav", "-o", tmp_path / "output.db", status=SOME_FAILED)
    failed = read_output(tmp_path / "output.db")[1]
    assert failed["error"] == {"code": "not_found", "message": "no such file"}


def test_tracks_of_another_model_count_as_new(tracks, tmp_path):
    output = tmp_path / "output.db"
    for model in (MUSICNN, MTT_MUSICNN):
        vivace("embed", tracks[0], "-m", model, "--skip-existing", "-o", output)
    assert [record["model"] for record in read_output(output)] == [MUSICNN, MTT_MUSICNN]


@pytest.mark.parametrize("extension", ["csv", "jsonl", "npy", "parquet"])
def test_without_skip_existing_an_output_is_replaced(tracks, tmp_path, extension):
    output = tmp_path / f"output.{extension}"
    vivace("embed", *tracks[:3], "-o", output)
    vivace("embed", tracks[3], "-o", output)
    assert [record["path"] for record in read_output(output)] == [str(tracks[3])]


@pytest.mark.parametrize("extension", ["npy", "parquet"])
def test_format_that_cannot_be_continued_is_refused_and_kept(tracks, tmp_path, extension):
    output = tmp_path / f"output.{extension}"
    vivace("embed", tracks[0], "-o", output)
    message = vivace("embed", *tracks, "--skip-existing", "-o", output, status=NOTHING_COULD_RUN).stderr
    assert str(output) in message
    assert [record["path"] for record in read_output(output)] == [str(tracks[0])]


def test_foreign_file_is_not_continued(tracks, tmp_path):
    output = tmp_path / "output.csv"
    output.write_text("name,price\nbread,3\n")
    vivace("embed", tracks[0], "--skip-existing", "-o", output, status=USAGE)
    assert output.read_text() == "name,price\nbread,3\n"
