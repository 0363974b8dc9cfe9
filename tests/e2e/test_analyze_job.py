"""What a run of `vivace analyze` tells, how it is limited and stopped, and what it says when the disk fails."""

import fcntl
import json
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
from contextlib import closing

import pytest

from audio import repeated
from program import (
    MUSICNN,
    NOTHING_COULD_RUN,
    SOME_FAILED,
    UNPRIVILEGED,
    USAGE,
    environment,
    interrupted_until_it_ends,
    json_lines,
    started,
    vivace,
)

pytestmark = pytest.mark.usefixtures("only_levels")

TRACKS = 12


@pytest.fixture(scope="module")
def music(melody, tmp_path_factory):
    folder = tmp_path_factory.mktemp("job") / "music"
    folder.mkdir()
    for i in range(TRACKS):
        melody.write(folder / f"{i}.wav", 2 + i % 3, start=i)
    return folder


@pytest.fixture(scope="module")
def long_track(song, tmp_path_factory):
    """A folder with ten minutes of music."""
    folder = tmp_path_factory.mktemp("long")
    repeated(song, folder / "ten minutes.wav", 30)
    return folder


def query(library, statement):
    with closing(sqlite3.connect(library)) as connection:
        return connection.execute(statement).fetchall()


def test_json_lines_tell_of_progress_failures_and_the_end(music, tmp_path):
    folder = shutil.copytree(music, tmp_path / "music")
    (folder / "broken.mp3").write_bytes(b"no music" * 20)
    run = vivace("analyze", folder, "-o", tmp_path / "music.db", "--json", "--max-cpu", "0.02", status=SOME_FAILED)
    events = json_lines(run.stdout)
    (failed,) = [event for event in events if event["event"] == "failed"]
    assert failed["path"] == str(folder / "broken.mp3") and failed["code"] == "corrupt_data"
    assert all(0 <= event["done"] <= TRACKS for event in events if event["event"] == "progress")
    end = events[-1]
    assert end["event"] == "summary" and end["done"] == TRACKS and end["failed"] == 1 and end["open"] == TRACKS + 1
    assert end["audio_s"] == pytest.approx(sum(2 + i % 3 for i in range(TRACKS)))
    assert {"decode", "level"} <= end["stage_s"].keys() and 0 < end["utilisation"] <= 1


def test_status_file_is_always_whole(music, tmp_path):
    status = tmp_path / "status.json"
    arguments = ["analyze", music, "-o", tmp_path / "music.db", "--status", status, "--max-cpu", "0.01", "--quiet"]
    seen = []
    with started(*arguments) as process:
        while process.poll() is None:
            if status.exists():
                seen.append(json.loads(status.read_text()))
    assert json.loads(status.read_text())["event"] == "ended"
    assert {"starting"} <= {state["event"] for state in seen} <= {"starting", "running", "ended"}
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_profile_says_where_the_time_went(music, tmp_path):
    said = vivace("analyze", music, "-o", tmp_path / "music.db", "--profile").stderr
    for stage in ("decode", "resample", "level"):
        assert re.search(rf"^{stage} +[\d.]+ +[\d.]+%$", said, re.MULTILINE)
    assert re.search(r"\d workers, busy \d+ % of the time", said)


def test_ctrl_c_finishes_the_tracks_under_way(music, tmp_path):
    library = tmp_path / "music.db"
    with started(
        "analyze",
        music,
        "-o",
        library,
        "--threads",
        "1",
        "--max-cpu",
        "0.01",
        "--json",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
        assert process.returncode == SOME_FAILED
    assert "press Ctrl-C again" in said and "the same command goes on" in said
    done = query(library, "SELECT count(*) FROM results")[0][0]
    assert 0 < done < TRACKS and query(library, "SELECT * FROM workers") == []
    assert f"{TRACKS - done} tracks done" in vivace("analyze", music, "-o", library).stderr


def test_ctrl_c_finishes_the_tracks_under_way_of_a_model_too(music, tmp_path):
    """Sessions of models have threads of their own, which a signal must not reach."""
    library = tmp_path / "music.db"
    arguments = ["analyze", music, "-o", library, "--model", MUSICNN]
    options = ["--threads", "1", "--max-cpu", "0.01", "--json"]
    with started(*arguments, *options, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
        assert process.returncode == SOME_FAILED
    assert "press Ctrl-C again" in said and "the same command goes on" in said
    assert query(library, "SELECT * FROM workers") == []
    vivace(*arguments)
    assert query(library, "SELECT count(*) FROM results WHERE state = 'done'") == [(2 * TRACKS,)]


def test_overwriting_that_is_stopped_goes_on(music, tmp_path):
    library = tmp_path / "music.db"
    vivace("analyze", music, "-o", library)
    arguments = ["analyze", music, "-o", library, "--overwrite", "level"]
    options = ["--threads", "1", "--max-cpu", "0.01", "--json"]
    with started(*arguments, *options, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait() == SOME_FAILED
    (left,) = query(library, "SELECT count(*) FROM results WHERE state = 'stale'")[0]
    assert 0 < left < TRACKS
    assert f"{left} tracks done" in vivace(*arguments).stderr
    assert f"{TRACKS} tracks done" in vivace(*arguments).stderr


def test_status_file_tells_of_an_error(music, tmp_path):
    folder, status = shutil.copytree(music, tmp_path / "music"), tmp_path / "status.json"
    options = ["--threads", "1", "--max-cpu", "0.01", "--json", "--status", status]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with started("analyze", folder, "-o", tmp_path / "music.db", *options, **pipes) as process:
        process.stdout.readline()
        folder.rename(tmp_path / "away")
        process.communicate()
        assert process.returncode == NOTHING_COULD_RUN
    state = json.loads(status.read_text())
    assert state["event"] == "failed" and "is gone or was replaced" in state["message"]


def test_second_ctrl_c_stops_at_once(long_track, tmp_path):
    library = tmp_path / "music.db"
    with started(
        "analyze",
        long_track,
        "-o",
        library,
        "--max-cpu",
        "0.01",
        "--json",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        while "press Ctrl-C again" not in process.stderr.readline():
            pass
        assert interrupted_until_it_ends(process) == 128 + signal.SIGINT
    assert "1 tracks done" in vivace("analyze", long_track, "-o", library).stderr


def test_track_beyond_the_time_limit_fails_and_can_be_tried_again(long_track, tmp_path):
    library = tmp_path / "music.db"
    arguments = ["analyze", long_track, "-o", library]
    said = vivace(*arguments, "--time-limit", "0.0001", status=SOME_FAILED).stderr
    assert "--time-limit" in said
    assert query(library, "SELECT error_code FROM results") == [("resource_exhausted",)]
    vivace(*arguments, "--retry-failed")
    assert query(library, "SELECT error_code FROM results") == [(None,)]


def test_track_beyond_the_limit_of_memory_fails(long_track, tmp_path):
    said = vivace(
        "analyze",
        long_track,
        "-o",
        tmp_path / "music.db",
        "--memory-limit",
        "1MB",
        "--max-cpu",
        "0.5",
        status=SOME_FAILED,
    ).stderr
    assert "--memory-limit" in said


def test_sidecars_keep_what_others_wrote(music, tmp_path):
    folder = shutil.copytree(music, tmp_path / "music")
    (folder / "0.wav.json").write_text('{"rating": 5, "level.rms_dbfs": "old", "reasons": {"mood": "none"}}')
    (folder / "1.wav.json").write_text("[1, 2]")
    said = vivace("analyze", folder, "-o", tmp_path / "music.db", "--sidecar", "json").stderr
    assert "1.wav.json: holds no JSON object" in said
    assert (folder / "1.wav.json").read_text() == "[1, 2]"
    kept = json.loads((folder / "0.wav.json").read_text())
    assert kept["rating"] == 5 and kept["reasons"]["mood"] == "none"
    expected = json.loads(vivace("features", "--json", folder / "0.wav").stdout)
    ours = {name: value for name, value in kept.items() if name in expected and name != "reasons"}
    assert ours == {name: value for name, value in expected.items() if name in ours} and "level.rms_dbfs" in ours
    assert len(list(folder.glob("*.json"))) == TRACKS


def test_sidecars_are_made_of_what_is_there_already(music, tmp_path):
    folder = shutil.copytree(music, tmp_path / "music")
    vivace("analyze", folder, "-o", tmp_path / "music.db")
    assert "0 tracks done" in vivace("analyze", folder, "-o", tmp_path / "music.db", "--sidecar", "json").stderr
    assert len(list(folder.glob("*.wav.json"))) == TRACKS


@pytest.mark.parametrize("before", ["done", "new"])
def test_sidecars_that_cannot_be_written_are_told_and_passed_over(music, tmp_path, before):
    folder, library = shutil.copytree(music, tmp_path / "music"), tmp_path / "music.db"
    if before == "done":
        vivace("analyze", folder, "-o", library)
    (folder / "1.wav.json").mkdir()
    (folder / "2.wav.json").write_text('{"a": ' + "[" * 400_000 + "]" * 400_000 + "}")
    with open(folder / "3.wav.json", "wb") as large:
        large.truncate(65 << 20)
    said = vivace("analyze", folder, "-o", library, "--sidecar", "json").stderr
    for track in "123":
        assert f"{track}.wav.json: " in said
    assert query(library, "SELECT count(*) FROM results WHERE state = 'done'") == [(TRACKS,)]
    assert (
        len([path for path in folder.glob("*.json") if path.is_file() and path.stat().st_size < 10_000]) == TRACKS - 3
    )


def test_sidecar_that_another_process_writes_is_left_to_it(music, tmp_path):
    folder, library = shutil.copytree(music, tmp_path / "music"), tmp_path / "music.db"
    vivace("analyze", folder, "-o", library)
    with open(folder / "1.wav.json.partial", "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        said = vivace("analyze", folder, "-o", library, "--sidecar", "json").stderr
    assert "being written" not in said
    assert len(list(folder.glob("*.json"))) == TRACKS - 1


def test_read_only_library_says_so_and_can_be_read(music, tmp_path):
    library = tmp_path / "music.db"
    vivace("analyze", music, "-o", library)
    library.chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        message = vivace("analyze", music, "-o", library, status=NOTHING_COULD_RUN, prefix=UNPRIVILEGED).stderr
        assert "is read-only" in message
        assert str(TRACKS) in vivace("library", "stats", library, prefix=UNPRIVILEGED).stdout
    finally:
        tmp_path.chmod(0o755)
        library.chmod(0o644)


def test_full_disk_says_so_and_the_next_run_goes_on(melody, tmp_path):
    folder = tmp_path / "music"
    folder.mkdir()
    track = melody.write(folder / "0.wav", 0.5)
    for i in range(1, 600):
        (folder / f"{i}.wav").hardlink_to(track)

    def limit_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, 250_000))

    library = tmp_path / "music.db"
    message = vivace("analyze", folder, "-o", library, status=NOTHING_COULD_RUN, preexec_fn=limit_files).stderr
    assert "the disk or the file size limit is full" in message
    vivace("analyze", folder, "-o", library)
    assert query(library, "SELECT count(*) FROM results WHERE state = 'done'") == [(600,)]
    vivace("library", "verify", library)


def test_folder_that_vanishes_half_way_is_an_error_and_no_failures(music, tmp_path):
    folder, library = shutil.copytree(music, tmp_path / "music"), tmp_path / "music.db"
    with started(
        "analyze",
        folder,
        "-o",
        library,
        "--threads",
        "1",
        "--max-cpu",
        "0.01",
        "--json",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.readline()
        folder.rename(tmp_path / "away")
        _, said = process.communicate()
        assert process.returncode == NOTHING_COULD_RUN
    assert "is gone or was replaced" in said
    assert query(library, "SELECT count(*) FROM results WHERE state = 'failed'") == [(0,)]
    assert "No such file" in vivace("analyze", folder, "-o", library, status=NOTHING_COULD_RUN).stderr
    (tmp_path / "away").rename(folder)
    vivace("analyze", folder, "-o", library)
    assert query(library, "SELECT count(*) FROM results WHERE state = 'done'") == [(TRACKS,)]


def test_statistics_failures_and_duplicates(music, tmp_path):
    folder, library = shutil.copytree(music, tmp_path / "music"), tmp_path / "music.db"
    (folder / "broken.mp3").write_bytes(b"no music" * 20)
    shutil.copy(folder / "0.wav", folder / "copy.wav")
    vivace("analyze", folder, "-o", library, status=SOME_FAILED)
    groups = json.loads(vivace("library", "duplicates", "--json", library).stdout)
    assert [group["paths"] for group in groups] == [[str(folder / "0.wav"), str(folder / "copy.wav")]]
    statistics = json.loads(vivace("library", "stats", "--json", library).stdout)
    assert statistics["tracks"] == TRACKS + 2 and statistics["failures"] == {"corrupt_data": 1}
    assert statistics["duplicates"] == 1 and statistics["codecs"] == {"pcm_s16le": TRACKS + 1}
    assert "broken.mp3: corrupt_data" in vivace("library", "failures", library).stdout
    assert "13" in vivace("library", "stats", library).stdout


def test_outputs_never_replace_the_library(music, tmp_path):
    library = tmp_path / "music.db"
    vivace("analyze", music, "-o", library)
    (tmp_path / "soft.csv").symlink_to(library)
    (tmp_path / "hard.csv").hardlink_to(library)
    before = library.read_bytes()
    for output in (library, tmp_path / "soft.csv", tmp_path / "hard.csv", tmp_path / "music.db-wal"):
        said = vivace("library", "export", library, "--format", "csv", "-o", output, status=USAGE).stderr
        assert "is the library" in said
        vivace("library", "report", library, "-o", output, status=USAGE)
    assert library.read_bytes() == before


def test_duplicates_make_no_library(tmp_path):
    said = vivace("library", "duplicates", tmp_path / "typo.db", status=NOTHING_COULD_RUN).stderr
    assert "there is no such library" in said
    assert list(tmp_path.iterdir()) == []


def test_merge_reports_conflicts_and_refuses_itself(music, tmp_path):
    for name in ("one", "two"):
        vivace("analyze", music, "-o", tmp_path / f"{name}.db")
    with closing(sqlite3.connect(tmp_path / "two.db")) as connection, connection:
        connection.execute('UPDATE features_level SET "level.rms_dbfs" = 0 WHERE track = 1')
    said = vivace(
        "library", "merge", tmp_path / "one.db", tmp_path / "two.db", "-o", tmp_path / "out.db", status=SOME_FAILED
    ).stderr
    assert "results of 'level' differ" in said and "1 conflicts" in said
    vivace("library", "merge", tmp_path / "one.db", "-o", tmp_path / "one.db", status=USAGE)
    vivace("library", "verify", tmp_path / "out.db")


def test_part_is_taken_from_the_environment(music, tmp_path):
    found = 0
    for index in range(2):
        kubernetes = environment(JOB_COMPLETION_INDEX=str(index))
        said = vivace("analyze", music, "--shard", "auto/2", "-o", tmp_path / f"k{index}.db", env=kubernetes).stderr
        slurm = environment(
            SLURM_ARRAY_TASK_ID=str(10 + 2 * index),
            SLURM_ARRAY_TASK_MIN="10",
            SLURM_ARRAY_TASK_STEP="2",
            SLURM_ARRAY_TASK_COUNT="2",
        )
        assert (
            said.splitlines()[0]
            == vivace(
                "analyze", music, "--shard", "auto", "-o", tmp_path / f"s{index}.db", env=slurm
            ).stderr.splitlines()[0]
        )
        found += int(said.split()[0])
    assert found == TRACKS
    vivace("analyze", music, "--shard", "auto", "-o", tmp_path / "x.db", status=USAGE)
    vivace("analyze", music, "--shard", "2/2", "-o", tmp_path / "x.db", status=USAGE)
