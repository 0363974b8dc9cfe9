#!/usr/bin/env python3
"""All features of `vivace analyze` beside librosa + pyloudnorm and Essentia, and beside the sum of their parts.

    benchmarks/peers/analyze_all.py [--tracks N] [--repeats N] [--memory N]

Every program reads the same MP3s of 240 s on one core and loads once; repeats are in turns. vivace writes its library,
the peers keep their values. Prints processor seconds a track and the ratio to vivace's, medians and ranges. The sum of
the parts is what each feature costs by itself, with one decoding: the share of decoding, as vivace tells it, is taken
off all but one. --memory tells the peak of one and two workers, and its growth over N short files.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import tempfile
from pathlib import Path

import audio
from process import memory_by_line, pinned, run
from vivace_program import PROGRAM

HERE = Path(__file__).resolve().parent
PEER_PYTHON = audio.ROOT / ".deps/peers/bin/python"
PEERS = ["librosa", "essentia", "essentia-extractor"]
MODEL = "msd-musicnn"
CORE = 1


def features():
    """The features that are measured unless others are named."""
    listed = subprocess.run([PROGRAM, "features", "--list"], capture_output=True, text=True, check=True).stdout
    sections = re.findall(r"^## (\S+)\n\n(.*)$", listed, re.MULTILINE)
    return [name for name, text in sections if "only by its name" not in text]


def folder_of(files, folder):
    folder.mkdir()
    for file in files:
        (folder / file.name).symlink_to(file)
    return folder


def analyze(folder, *options):
    """The command that analyses a folder into a library of its own, by one worker on one core."""
    library = folder.parent / "music.db"
    for file in folder.parent.glob("music.db*"):
        file.unlink()
    command = [PROGRAM, "analyze", folder, "-o", library, "--threads", "1", "--json", *options]
    return pinned(command, CORE)


def stage_share(cost, stage):
    """The share of one stage in the time of all."""
    stages = json.loads(cost.output[0].splitlines()[-1])["stage_s"]
    return stages[stage] / sum(stages.values())


class Table:
    """Processor seconds by the name of what was run."""

    def __init__(self):
        self.seconds = {}

    def add(self, name, seconds):
        self.seconds.setdefault(name, []).append(seconds)

    def median(self, name):
        return statistics.median(self.seconds[name])

    def row(self, name, other, tracks):
        ratios = [a / b for a, b in zip(self.seconds[name], self.seconds[other], strict=True)]
        ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} … {max(ratios):.2f})"
        return f"{name:20} {self.median(name) / tracks:8.3f} s a track, {ratio} x {other}"


def measure_peers(folder, files, table):
    table.add("vivace", run(analyze(folder, "--model", "none")).cpu)
    for peer in PEERS:
        command = [PEER_PYTHON, HERE / "analyze_batch.py", peer, *files]
        table.add(peer, run(pinned(command, CORE)).cpu)


def measure_parts(folder, parts, table):
    """The whole with a model, and each part alone."""
    table.add("whole", run(analyze(folder, "--model", MODEL)).cpu)
    total = 0
    for i, part in enumerate(parts):
        options = ["--without", "all", "--model", part] if part == MODEL else ["--model", "none", "--features", part]
        cost = run(analyze(folder, *options))
        total += cost.cpu * (1 if i == 0 else 1 - stage_share(cost, "decode"))
    table.add("sum of parts", total)


def print_memory(folder, count):
    for workers in (1, 2):
        library = folder.parent / f"memory-{workers}.db"
        command = [PROGRAM, "analyze", folder, "-o", library, "--threads", workers, "--quiet"]
        print(f"peak with {workers} workers: {run(command).peak_mb:.0f} MB")
    small = folder_of(audio.short_tracks(count), folder.parent / "short")
    lines = memory_by_line([PROGRAM, "analyze", small, "-o", folder.parent / "short.db", "--threads", 2, "--json"])
    fifth = lines[len(lines) // 5 :]
    print(
        f"{count} tracks of 5 s: {fifth[0]:.0f} MB after a fifth, {fifth[-1]:.0f} MB at the end, peak {max(lines):.0f}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--memory", type=int, default=0, metavar="N")
    arguments = parser.parse_args()
    os.environ["XDG_CACHE_HOME"] = str(audio.ROOT / ".deps/bench-cache")
    files = [audio.bench_track(index) for index in range(arguments.tracks)]
    parts = [*features(), MODEL]
    table = Table()
    with tempfile.TemporaryDirectory() as temporary:
        folder = folder_of(files, Path(temporary) / "music")
        run(analyze(folder, "--model", MODEL))  # keeps the optimized graph, and the files are in memory
        for _ in range(arguments.repeats):
            measure_peers(folder, files, table)
            measure_parts(folder, parts, table)
        print("features without a model")
        for name in PEERS:
            print(table.row(name, "vivace", len(files)))
        print(f"vivace takes {table.median('vivace') / len(files):.3f} s a track")
        print("all features and", MODEL)
        print(table.row("whole", "sum of parts", len(files)))
        if arguments.memory:
            print_memory(folder, arguments.memory)


if __name__ == "__main__":
    main()
