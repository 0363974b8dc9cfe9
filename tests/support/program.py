"""Runs the vivace program as a person or another program does.

VIVACE_BIN and VIVACE_MODELS say which program and which models (default: build/release/bin/vivace and .deps/models).
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import tomllib
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("VIVACE_BIN", ROOT / "build/release/bin/vivace")).absolute()
MODELS = Path(os.environ.get("VIVACE_MODELS", ROOT / ".deps/models")).absolute()

MUSICNN, MTT_MUSICNN, EFFNET = "msd-musicnn", "mtt-musicnn", "discogs-effnet-seeded"
SPLEETER = "spleeter-2stems"

ALL_GOOD, SOME_FAILED, USAGE, NOTHING_COULD_RUN = 0, 1, 2, 3

# A program that hangs fails its test instead of holding up all others.
PATIENCE_S = 120

# Takes from root what lets it read any file, so that it is denied what others are denied.
UNPRIVILEGED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


# Variables that a test module gives to all runs of the program.
settings = {}


def environment(models=MODELS, **variables):
    """The environment without any settings of the person who runs the tests; `models` may be several folders."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("VIVACE_")}
    inherited |= settings
    folders = os.pathsep.join(map(str, models if isinstance(models, list) else [models]))
    return inherited | {"XDG_DATA_HOME": os.devnull, "XDG_CACHE_HOME": os.devnull, "VIVACE_MODELS": folders} | variables


def vivace(*arguments, status=ALL_GOOD, env=None, prefix=(), **options):
    """Runs the program to its end, which must have the given status. `prefix` is a command that runs it."""
    options = {"capture_output": True, "encoding": "utf-8", "timeout": PATIENCE_S, "check": False} | options
    done = subprocess.run([*prefix, PROGRAM, *map(str, arguments)], env=env or environment(), **options)
    assert status in (None, done.returncode), f"status {done.returncode}, expected {status}: {done.stderr}"
    return done


def interrupted_until_it_ends(process):
    """Its status. Presses Ctrl-C over and over, as the program takes what comes at the same time as one."""
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        time.sleep(0.02)
    return process.returncode


def embed(*arguments, **options):
    """The records of `vivace embed`, in their order."""
    return json_lines(vivace("embed", *arguments, "--json", **options).stdout)


def stream(*arguments, lines, **options):
    """The answers of `vivace embed --stream` to some lines, as they come."""
    text = "".join(f"{line}\n" for line in lines)
    return json_lines(vivace("embed", "--stream", *arguments, input=text, **options).stdout)


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def peak_megabytes(*arguments):
    """Peak resident memory of a run that must go well, as the kernel counts it, in MB (10^6 bytes)."""
    command = [sys.executable, "-S", ROOT / "tests/support/peak_memory.py", PROGRAM, *map(str, arguments)]
    options = {"capture_output": True, "encoding": "utf-8", "timeout": PATIENCE_S, "check": False}
    done = subprocess.run(command, env=environment(), **options)
    assert done.returncode == 0, done.stderr
    return int(done.stdout) * 1024 / 1e6


def convert(converter, *arguments):
    """Runs one of the programs in converters/."""
    command = [sys.executable, ROOT / "converters" / converter, *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S)


def labels(model):
    """The names of the activations of an installed model, in the order of its outputs."""
    return tomllib.loads((MODELS / model / "model.toml").read_text("utf-8"))["activations"]["labels"]


@contextmanager
def started(*arguments, env=None, **pipes):
    """The program while it runs; it is killed at the end of the block, or when it takes too long.

    Ctrl-C reaches it also where whoever runs the tests ignores it, as shells do in the background.
    """
    options = {"encoding": "utf-8", "preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)} | pipes
    with subprocess.Popen([PROGRAM, *map(str, arguments)], env=env or environment(), **options) as process:
        watchdog = threading.Timer(PATIENCE_S, process.kill)
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            process.kill()
