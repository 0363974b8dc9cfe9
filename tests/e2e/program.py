"""Runs the vivace program as a person or another program does.

VIVACE_BIN and VIVACE_MODELS say which program and which models (default: build/release/bin/vivace and .deps/models).
"""

import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("VIVACE_BIN", ROOT / "build/release/bin/vivace")).absolute()
MODELS = Path(os.environ.get("VIVACE_MODELS", ROOT / ".deps/models")).absolute()

MUSICNN, EFFNET = "msd-musicnn", "discogs-effnet-seeded"

ALL_GOOD, SOME_FAILED, USAGE, NOTHING_COULD_RUN = 0, 1, 2, 3

# A program that hangs fails its test instead of holding up all others.
PATIENCE_S = 120


def environment(models=MODELS, **variables):
    """The environment without any settings of the person who runs the tests; `models` may be several folders."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("VIVACE_")}
    folders = os.pathsep.join(map(str, models if isinstance(models, list) else [models]))
    return inherited | {"XDG_DATA_HOME": os.devnull, "VIVACE_MODELS": folders} | variables


def vivace(*arguments, status=ALL_GOOD, env=None, **options):
    """Runs the program to its end, which must have the given status."""
    options = {"capture_output": True, "encoding": "utf-8", "timeout": PATIENCE_S, "check": False} | options
    done = subprocess.run([PROGRAM, *map(str, arguments)], env=env or environment(), **options)
    assert done.returncode == status, f"status {done.returncode}, expected {status}: {done.stderr}"
    return done


def embed(*arguments, **options):
    """The records of `vivace embed`, in their order."""
    return json_lines(vivace("embed", *arguments, "--json", **options).stdout)


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def convert(converter, *arguments):
    """Runs one of the programs in converters/."""
    subprocess.run([sys.executable, ROOT / "converters" / converter, *map(str, arguments)], check=True,
                   capture_output=True, timeout=PATIENCE_S)


@contextmanager
def started(*arguments, **pipes):
    """The program while it runs; it is killed at the end of the block, or when it takes too long."""
    with subprocess.Popen([PROGRAM, *map(str, arguments)], env=environment(), encoding="utf-8", **pipes) as process:
        watchdog = threading.Timer(PATIENCE_S, process.kill)
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            process.kill()
