"""`vivace embed --stream`: a live process is asked line by line, as another program does."""

import json
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from program import ALL_GOOD, EFFNET, SOME_FAILED, embed, json_lines, started, vivace


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
def stream(*options):
    with started("embed", "--stream", *options, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Session(process)


def request(**fields):
    return json.dumps(fields)


def without_id(answer):
    return {name: value for name, value in answer.items() if name != "id"}


def test_each_line_is_answered_while_the_stream_stays_open(tracks):
    with stream() as session:
        answers = [session.ask(str(track)) for track in tracks[:4]]
        assert session.end() == ("", ALL_GOOD)
    assert answers == embed(*tracks[:4])


@pytest.mark.parametrize("options", [["--rows"], ["--top", "3"], ["-m", EFFNET]], ids=" ".join)
def test_options_of_a_batch_hold_for_a_stream(song, options):
    with stream(*options) as session:
        assert [session.ask(str(song))] == embed(song, *options)


@pytest.mark.parametrize("id", ["song 1", 7, -0.5, None, True, {"album": [1, "ä"]}], ids=str)
def test_id_comes_back_as_it_was(song, id):
    with stream() as session:
        answer = session.ask(request(id=id, path=str(song)))
    assert answer["id"] == id
    assert without_id(answer) == embed(song)[0]


def test_without_an_id_there_is_none_in_the_answer(song):
    with stream() as session:
        assert "id" not in session.ask(request(path=str(song)))


@pytest.mark.parametrize("line, message", [
    ("", "empty"),
    ('{"path": ', "not a JSON object"),
    ('{"id": 1}', "no \"path\""),
    ('{"path": 5}', "'path'"),
    ('{"path": "x.wav", "speed": 2}', "'speed'"),
    ('{"id": ' + "[" * 1000 + "]" * 1000 + ', "path": "x.wav"}', "nested too deeply"),
    ("{" + "x" * (1 << 20), "longer than 1 MiB"),
], ids=["empty", "cut", "no-path", "path-no-text", "unknown-key", "deep", "long"])
def test_bad_line_gets_an_error_line_and_the_next_good_one_its_answer(song, line, message):
    with stream() as session:
        bad, good = session.ask(line), session.ask(str(song))
        assert session.end() == ("", SOME_FAILED)
    assert (bad["status"], bad["error"]["code"]) == ("failed", "invalid_argument")
    assert message in bad["error"]["message"]
    assert good == embed(song)[0]


def test_bad_request_keeps_its_id():
    with stream() as session:
        assert [session.ask(request(id=id, speed=2))["id"] for id in (1, "two")] == [1, "two"]


def test_bad_file_gets_an_error_line_with_its_id_and_the_next_good_one_its_answer(song, tmp_path):
    text = tmp_path / "text.mp3"
    text.write_text("no music\n" * 100)
    with stream() as session:
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
    lines = "".join(request(id=i, path=str(track)) + "\n" for i, track in enumerate(tracks))
    answers = json_lines(vivace("embed", "--stream", "--threads", "2", input=lines).stdout)
    in_input_order = sorted(answers, key=lambda answer: answer["id"])
    assert [without_id(answer) for answer in in_input_order] == embed(*tracks)


def test_last_line_needs_no_line_end(song):
    assert json_lines(vivace("embed", "--stream", input=str(song)).stdout) == embed(song)


def test_no_request_is_no_failure():
    assert vivace("embed", "--stream", input="").stdout == ""


def test_ctrl_c_ends_a_stream_that_waits(song):
    with stream() as session:
        session.ask(str(song))
        session.process.send_signal(signal.SIGINT)
        assert session.end() == ("", -signal.SIGINT)


def test_memory_stays_flat_over_many_requests(tracks):
    with stream("--threads", "1") as session:
        for _ in range(50):
            session.ask(str(tracks[-1]))
        before = session.resident_kilobytes()
        for _ in range(150):
            session.ask(str(tracks[-1]))
        assert session.resident_kilobytes() - before <= 5000
