"""Whatever happens to the processes that analyse a library, it comes to what an undisturbed run gives.

VIVACE_TORTURE_TRACKS says how many tracks (default 60; the long test takes 2000).
"""

import os
import random
import signal
import sqlite3
import subprocess
import time
from contextlib import closing, suppress

import pytest

from audio import cut_short
from program import PATIENCE_S, PROGRAM, environment, vivace

pytestmark = pytest.mark.usefixtures("only_levels")

TRACKS = int(os.environ.get("VIVACE_TORTURE_TRACKS", "60"))
PROCESSES = 3
# Long enough for the slowest machine to come to an end, however often it is disturbed.
PATIENCE = PATIENCE_S + TRACKS / 4


@pytest.fixture(scope="module")
def music(melody, tmp_path_factory):
    """Short tracks in albums; each twentieth is broken, another one cut short, another one empty."""
    folder = tmp_path_factory.mktemp("torture") / "music"
    for i in range(TRACKS):
        album = folder / f"album {i // 10}"
        album.mkdir(parents=True, exist_ok=True)
        track = melody.write(album / f"{i}.wav", 0.5 + i % 7, start=i % 20)
        if i % 20 == 3:
            track.write_bytes(b"RIFF, but not really" * i)
        elif i % 20 == 7:
            cut_short(track, track, 0.7)
        elif i % 20 == 11:
            track.write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def undisturbed(music, tmp_path_factory):
    library = tmp_path_factory.mktemp("undisturbed") / "music.db"
    vivace("analyze", music, "-o", library, status=1, timeout=PATIENCE)
    return digest(library)


def digest(library):
    """The digest of a library, which must be sound."""
    verified = vivace("library", "verify", "--digest", library, timeout=PATIENCE)
    assert not verified.stderr
    return verified.stdout


def start(music, library, *options):
    # A share of the processor, so that there is something to disturb.
    command = [PROGRAM, "analyze", music, "-o", library, "--threads", "1", "--max-cpu", "0.02", "--quiet", *options]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    restore = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    return subprocess.Popen(list(map(str, command)), env=environment(), **silent, **restore)


def finish(music, library):
    vivace("analyze", music, "-o", library, status=None, timeout=PATIENCE)
    with closing(sqlite3.connect(library)) as connection:
        assert connection.execute("SELECT count(*) FROM workers").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM leases").fetchone() == (0,)


def results_of(library):
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(library)) as connection:
        return connection.execute("SELECT count(*) FROM results").fetchone()[0]
    return 0


@pytest.mark.parametrize("seed", range(3))
def test_processes_that_are_killed_at_any_instant(music, undisturbed, tmp_path, seed):
    chance, library = random.Random(seed), tmp_path / "music.db"
    running = [start(music, library) for _ in range(PROCESSES)]
    kills, deadline = 0, time.monotonic() + PATIENCE
    while any(process.poll() is None for process in running) and time.monotonic() < deadline:
        time.sleep(chance.uniform(0, 0.3))
        victim = chance.randrange(PROCESSES)
        if running[victim].poll() is None and kills < 8 + TRACKS // 10:
            running[victim].send_signal(chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGINT]))
            running[victim].wait()
            running[victim] = start(music, library)
            kills += 1
    for process in running:
        process.kill()
        process.wait()
    assert kills > 3
    finish(music, library)
    if os.environ.get("VIVACE_TORTURE_TRACKS"):
        print(f"{kills} processes were stopped or killed over {TRACKS} tracks")
    assert digest(library) == undisturbed


def test_processes_at_the_same_time_do_each_track_once(music, undisturbed, tmp_path):
    library = tmp_path / "music.db"
    running = [start(music, library) for _ in range(PROCESSES)]
    assert {process.wait(PATIENCE) for process in running} <= {0, 1}
    assert digest(library) == undisturbed


def test_survivor_takes_over_what_a_killed_process_had(music, undisturbed, tmp_path):
    library = tmp_path / "music.db"
    victim, survivor = start(music, library), start(music, library)
    while results_of(library) == 0 and victim.poll() is None:
        time.sleep(0.02)
    victim.kill()
    victim.wait()
    survivor.wait(PATIENCE)
    assert digest(library) == undisturbed


def test_parts_that_are_killed_and_merged(music, undisturbed, tmp_path):
    parts = [tmp_path / f"part {part}.db" for part in range(3)]
    for part, library in enumerate(parts):
        process = start(music, library, "--shard", f"{part}/3")
        time.sleep(0.1 * part)
        process.kill()
        process.wait()
        vivace("analyze", music, "-o", library, "--shard", f"{part}/3", status=None, timeout=PATIENCE)
    vivace("library", "merge", *parts, "-o", tmp_path / "merged.db", timeout=PATIENCE)
    assert digest(tmp_path / "merged.db") == undisturbed


def test_clock_that_jumps_changes_nothing(music, undisturbed, tmp_path):
    """What is stored of times is set back and forth while processes run."""
    library = tmp_path / "music.db"
    running = [start(music, library) for _ in range(2)]
    while any(process.poll() is None for process in running):
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(library, timeout=5)) as connection, connection:
            shift = random.choice([-1e9, 1e9])
            connection.execute("UPDATE results SET finished_at = finished_at + ?", (shift,))
            connection.execute("UPDATE tracks SET seen_at = seen_at + ?", (shift,))
        time.sleep(0.2)
    finish(music, library)
    assert digest(library) == undisturbed
