"""Options of `vivace embed` that decide what is left out, where it runs and what people see of it."""

import json
import os
import pty
import re
import subprocess

import pytest

from audio import write_wav_that_claims
from program import MUSICNN, NOTHING_COULD_RUN, USAGE, embed, environment, started, vivace

LIMITS = ["--min-duration", "5", "--max-duration", "7.25"]


def names(records):
    return [record["path"] for record in records]


def test_durations_outside_the_limits_are_left_out(tracks):
    durations = [9 - i / 2 for i in range(12)]
    records = embed(*tracks, *LIMITS)
    assert names(records) == [str(track) for track, seconds in zip(tracks, durations) if 5 <= seconds <= 7.25]


def test_summary_counts_what_the_limits_left_out(tracks):
    summary = vivace("embed", *tracks, *LIMITS, "--json").stderr.splitlines()[-1]
    assert summary.startswith("5 tracks, 0 failed, ") and "; 7 outside the duration limits" in summary


@pytest.mark.parametrize(
    "limit, kept", [(["--max-duration", "3"], False), (["--min-duration", "5"], False), ([], True)]
)
def test_limits_hold_where_the_file_declares_no_length(melody, tmp_path, limit, kept):
    undeclared = write_wav_that_claims(tmp_path / "undeclared.wav", melody, 2**32 - 37)
    assert names(embed(undeclared, *limit)) == ([str(undeclared)] if kept else [])


@pytest.mark.parametrize("option", [["--backend", "onnxruntime"], ["--provider", "cpu"]], ids=" ".join)
def test_backend_and_provider_by_name_are_those_of_auto(song, option):
    assert embed(song, *option) == embed(song)


def test_verbose_gives_the_reasons_of_the_backends_that_were_passed_over(song):
    declined = [c for c in json.loads(vivace("doctor", "--json").stdout)["candidates"] if not c["accepted"]]
    quiet, verbose = (vivace("embed", song, "--json", *option).stderr for option in ([], ["--verbose"]))
    assert declined
    for candidate in declined:
        assert candidate["reason"] in verbose and candidate["reason"] not in quiet


def test_text_goes_to_no_file(song, tmp_path):
    message = vivace("embed", song, "--format", "text", "-o", tmp_path / "out.txt", status=USAGE).stderr
    assert "--format text" in message and not any(tmp_path.iterdir())


@pytest.mark.parametrize("option", ["--skip-existing", "--retry-failed"])
def test_going_on_needs_an_output(song, option):
    assert "-o" in vivace("embed", song, option, status=USAGE).stderr


@pytest.mark.parametrize(
    "command, option, value",
    [
        ("bench run", "--shape", "TEXT"),
        ("bench run", "--sweep", "TEXT"),
        ("bench run", "--session", "KEY=VALUE"),
        ("bench compare", "--metric", "TEXT"),
        ("bench compare", "--fail-if", "TEXT"),
        ("tune", "--shape", "TEXT"),
        ("library export", "--where", "TEXT"),
    ],
)
def test_help_of_options_with_one_value_each_says_that_they_may_be_repeated(command, option, value):
    said = vivace(*command.split(), "--help").stdout
    (entry,) = re.findall(rf"^  {option} (.*(?:\n {{10,}}.*)?)$", said, re.MULTILINE)
    assert entry.startswith(value) and "..." not in entry and entry.endswith("(may be repeated)")


NO_NUMBERS = [
    ("embed", "track.wav", "--max-duration"),
    ("analyze", "music", "--max-cpu"),
    ("separate", "track.wav", "--overlap"),
    ("similar", "track.wav", "--loudness"),
    ("model", "compare", MUSICNN, "--tolerance"),
    ("tune", MUSICNN, "--least-cosine"),
    ("bench", "run", MUSICNN, "--rate"),
    ("bench", "run", MUSICNN, "--poisson"),
    ("bench", "run", MUSICNN, "--deadline"),
    ("bench", "run", MUSICNN, "--latency-bound"),
    ("bench", "run", MUSICNN, "--warm-up"),
    ("bench", "cost", "result.json", "--price", "1/h", "--utilisation"),
]


@pytest.mark.parametrize("command", NO_NUMBERS, ids=lambda command: f"{command[0]} {command[-1]}")
@pytest.mark.parametrize("value", ["nan", "inf", "1e999"])
def test_numbers_that_are_none_are_refused_at_once(command, value):
    said = vivace(*command, value, status=USAGE).stderr
    assert command[-1] in said and value in said


def test_numbers_that_are_none_are_refused_from_the_environment_too(song):
    said = vivace("embed", song, env=environment(VIVACE_MIN_DURATION="NaN"), status=USAGE).stderr
    assert "'NaN' is not a finite number" in said


def on_a_terminal(*arguments):
    """What the program writes to standard error when that is a terminal, and its status."""
    ours, theirs = pty.openpty()
    with started(*arguments, stderr=theirs, stdout=subprocess.DEVNULL, encoding=None) as process:
        os.close(theirs)
        said = read_terminal(ours)
        status = process.wait()
    os.close(ours)
    return said, status


def read_terminal(descriptor):
    """All that comes until the other side is closed, which Linux reports as an error."""
    content = b""
    while True:
        try:
            content += os.read(descriptor, 65536)
        except OSError:
            return content.decode("utf-8")


def test_progress_on_a_terminal_counts_up_to_all_tracks_and_goes_away(tracks, tmp_path):
    said, status = on_a_terminal("embed", *tracks, "-o", tmp_path / "out.jsonl", "--threads", "1")
    counts = [int(done) for done in re.findall(r"[█░]{24} (\d+)/12", said)]
    assert status == 0
    assert counts[0] == 0 and counts[-1] == 12 and counts == sorted(counts)
    assert "real time" in said and " left" in said
    *_, last = said.split("\r\033[K")
    assert last.startswith("12 tracks, 0 failed, ")


def test_progress_tells_of_failures(tracks, tmp_path):
    said, status = on_a_terminal("embed", tmp_path / "missing.wav", *tracks[:2], "-o", tmp_path / "out.jsonl")
    assert status == 1 and re.search(r"3/3 .* 1 failed", said)


@pytest.mark.parametrize("terminal", [True, False], ids=["quiet on a terminal", "no terminal"])
def test_there_is_no_progress_elsewhere(tracks, tmp_path, terminal):
    arguments = ["embed", *tracks[:3], "-o", tmp_path / "out.jsonl"]
    said = on_a_terminal(*arguments, "--quiet")[0] if terminal else vivace(*arguments).stderr
    assert "█" not in said and "░" not in said and "\033" not in said


def test_list_of_nothing_is_nothing_to_do():
    assert "no audio files" in vivace("embed", "--from", "-", input="\n", status=NOTHING_COULD_RUN).stderr
