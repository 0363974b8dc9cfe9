"""Runs the vivace program and reads the JSON lines that it writes."""

import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("VIVACE_BIN", str(ROOT / "build/release/bin/vivace"))


def embed_command(model, files, *options):
    """The command line of `vivace embed` with JSON lines on standard output."""
    return [PROGRAM, "embed", *map(str, files), "-m", str(model), "--format", "jsonl", "-o", "-", "--quiet", *options]


def embed(model, files, *options):
    """The records of `files`, in their order; a file may be named twice. Failed files have a record too."""
    done = subprocess.run(
        embed_command(model, dict.fromkeys(files), *options), stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode > 1:
        raise SystemExit(f"{PROGRAM}: exit status {done.returncode}")
    by_path = {record["path"]: record for record in map(json.loads, done.stdout.splitlines())}
    return [by_path[str(path)] for path in files]


def separate_command(file, folder, *options):
    """The command line that separates `file` into `folder`/NAME/STEM.EXTENSION by Spleeter, whatever is there."""
    model = ROOT / ".deps/models/spleeter-2stems"
    return [PROGRAM, "separate", str(file), "-o", str(folder), "-m", str(model), "--overwrite", "--quiet", *options]


def separate(model, file, folder, *options):
    """Separates one file into float WAV files below `folder`, as they are."""
    command = [PROGRAM, "separate", str(file), "-m", str(model), "-o", str(folder), "--overwrite", "--quiet"]
    command += ["--format", "wavf32", "--clip", "none", "--names", "{stem}.{ext}", *map(str, options)]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise SystemExit(f"exit status {done.returncode}: {' '.join(command)}")
