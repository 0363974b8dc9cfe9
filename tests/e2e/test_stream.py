"""`vivace embed --stream`: a live process is asked line by line, as another program does."""

import json
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from audio import write_wav_that_claims
from program import ALL_GOOD, EFFNET, SOME_FAILED, USAGE, embed, json_lines, started, stream, vivace


class Session:
    """A stream that is open; each line is answered before the next is sent."""

    def __init__(self, process):
        self.process = process

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        """Ends the input. What else the program says, and its status."""
        rest, _ = self.process.communicate()
        return rest, self.process.returncode

    def resident_kilobytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (line,) = [line for line in status.splitlines() if line.startswith("VmRSS:")]
        return int(line.split()[1])


@contextmanager
def session_with(*options):
    with started("embed", "--stream", *options, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Session(process)


def request(**fields):
    return json.dumps(fields)


def without_id(answer):
    return {name: value for name, value in answer.items() if name != "id"}


def test_each_line_is_answered_while_the_stream_stays_open(tracks):
    with session_with() as session:
        answers = [session.ask(str(track)) for track in tracks[:4]]
        assert session.end() == ("", ALL_GOOD)
    assert answers == embed(*tracks[:4])


@pytest.mark.parametrize("options", [["--rows"], ["--top", "3"], ["-m", EFFNET]], ids=" ".join)
def test_options_of_a_batch_hold_for_a_stream(song, options):
    with session_with(*options) as session:
        assert [session.ask(str(song))] == embed(song, *options)


@pytest.mark.parametrize("id", ["song 1", 7, -0.5, None, True, {"album": [1, "ä"]}], ids=str)
def test_id_comes_back_as_it_was(song, id):
    with session_with() as session:
        answer = session.ask(request(id=id, path=str(song)))
    assert answer["id"] == id
    assert without_id(answer) == embed(song)[0]


def test_without_an_id_there_is_none_in_the_answer(song):
    with session_with() as session:
        assert "id" not in session.ask(request(path=str(song)))


# Name -> a line that is no request, and a word of the answer.
BAD_LINES = {
    "empty": ("", "empty"),
    "cut": ('{"path": ', "not a JSON object"),
    "no path": ('{"id": 1}', 'no "path"'),
    "path is no text": ('{"path": 5}', "'path'"),
    "unknown key": ('{"path": "x.wav", "speed": 2}', "'speed'"),
    "deep": ('{"id": ' + "[" * 1000 + "]" * 1000 + ', "path": "x.wav"}', "nested too deeply"),
    "long": ("{" + "x" * (1 << 20), "longer than 1 MiB"),
}


@pytest.mark.parametrize("line, message", BAD_LINES.values(), ids=BAD_LINES)
def test_bad_line_gets_an_error_line_and_the_next_good_one_its_answer(song, line, message):
    with session_with() as session:
        bad, good = session.ask(line), session.ask(str(song))
        assert session.end() == ("", SOME_FAILED)
    assert (bad["status"], bad["error"]["code"]) == ("failed", "invalid_argument")
    assert message in bad["error"]["message"]
    assert good == embed(song)[0]


def test_bad_request_keeps_its_id():
    with session_with() as session:
        assert [session.ask(request(id=id, speed=2))["id"] for id in (1, "two")] == [1, "two"]


def test_bad_file_gets_an_error_line_with_its_id_and_the_next_good_one_its_answer(song, tmp_path):
    text = tmp_path / "text.mp3"
    text.write_text("no music\n" * 100)
    with session_with() as session:
        missing = session.ask(request(id=1, path=str(tmp_path / "missing.wav")))
        broken = session.ask(request(id=2, path=str(text)))
        good = session.ask(request(id=3, path=str(song)))
    assert (missing["id"], missing["status"], missing["error"]["code"]) == (1, "failed", "not_found")
    assert (broken["id"], broken["status"], broken["error"]["code"]) == (2, "failed", "corrupt_data")
    assert (broken["path"], broken["embedding"]) == (str(text), None)
    assert (good["id"], good["status"]) == (3, "ok")


def test_line_that_is_no_utf8_gets_an_answer_that_is():
    answer = vivace("embed", "--stream", input=b"caf\xe9.wav\n", encoding=None, status=SOME_FAILED).stdout
    assert json.loads(answer.decode("utf-8"))["path"] == "caf\ufffd.wav"


def test_requests_sent_at_once_are_all_answered_before_the_end(tracks):
    answers = stream("--threads", "2", lines=[request(id=i, path=str(track)) for i, track in enumerate(tracks)])
    in_input_order = sorted(answers, key=lambda answer: answer["id"])
    assert [without_id(answer) for answer in in_input_order] == embed(*tracks)


def test_last_line_needs_no_line_end(song):
    assert json_lines(vivace("embed", "--stream", input=str(song)).stdout) == embed(song)


def test_no_request_is_no_failure():
    assert vivace("embed", "--stream", input="").stdout == ""


def test_ctrl_c_ends_a_stream_that_waits(song):
    with session_with() as session:
        session.ask(str(song))
        session.process.send_signal(signal.SIGINT)
        assert session.end() == ("", -signal.SIGINT)


@pytest.mark.parametrize("limit", [["--max-duration", "5"], ["--min-duration", "25"]], ids=" ".join)
def test_track_outside_the_duration_limits_is_answered_without_rows(song, limit):
    (answer,) = stream(*limit, lines=[song])
    assert (answer["status"], answer["error"], answer["rows"]) == ("ok", None, 0)
    assert "duration limits" in answer["note"]
    assert (answer["embedding"], answer["tags"]) == (None, None)


def test_decoding_stops_at_the_limit_where_the_file_declares_no_length(melody, tmp_path):
    endless = write_wav_that_claims(tmp_path / "endless.wav", melody, 2**32 - 37)
    (answer,) = stream("--max-duration", "1", lines=[endless])
    assert (answer["rows"], "duration limits" in answer["note"]) == (0, True)
    assert 1 < answer["duration_s"] < 3


# What says where tracks come from or where records go has no meaning for a stream.
@pytest.mark.parametrize(
    "arguments",
    [
        ["track.wav"],
        ["-o", "out.jsonl"],
        ["--format", "csv"],
        ["--from", "paths.txt"],
        ["--skip-existing"],
        ["--retry-failed"],
    ],
    ids=" ".join,
)
def test_what_a_stream_would_ignore_is_refused(arguments, tmp_path):
    done = vivace("embed", "--stream", *arguments, input="", cwd=tmp_path, status=USAGE)
    assert "--stream" in done.stderr and done.stdout == ""
    assert not any(tmp_path.iterdir())


def test_memory_stays_flat_over_many_requests(tracks):
    with session_with("--threads", "1") as session:
        for _ in range(50):
            session.ask(str(tracks[-1]))
        before = session.resident_kilobytes()
        for _ in range(150):
            session.ask(str(tracks[-1]))
        assert session.resident_kilobytes() - before <= 5000
