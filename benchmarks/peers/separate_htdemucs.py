#!/usr/bin/env python3
"""Measures separation by HTDemucs at its true size: vivace beside the bare graph and PyTorch.

    python benchmarks/peers/separate_htdemucs.py [--model FOLDER] [--segments N] [--repeats N] [--threads 1,2]

Needs the environment of separate_parity.py, a machine that does nothing else, and the model of

    python converters/htdemucs.py --seeded -o .deps/peer-models

Programs run in turn. vivace separates files that make one segment and N: a warm segment is the difference over N - 1,
all of decoding, transforms, adding up and writing included; the first segment is what one takes more than none. The
peers run their network N times in one process, the first time being their first segment.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from audio import ROOT, bench_track, make
from process import run
from vivace_program import PROGRAM

HERE = Path(__file__).resolve().parent
FOLDER = Path(tempfile.gettempdir()) / "vivace-peers"
RATE, SEGMENT_S, START = 44100, 7.8, 60
STRIDE = int(0.75 * int(SEGMENT_S * RATE))  # frames from one segment to the next
PEERS = {
    "default session, same graph": "session",
    "default session, plain graph": "plain-session",
    "PyTorch": "pytorch",
}


def wav(segments):
    """Music that makes so many segments."""
    seconds = (segments - 0.1) * STRIDE / RATE
    options = ["-ss", START, "-i", bench_track(0), "-t", f"{seconds:.3f}", "-c:a", "pcm_f32le"]
    return make(FOLDER / f"{segments}-segments.wav", options)


def nothing():
    """A folder without music: what is left is loading."""
    folder = FOLDER / "empty"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def vivace_cost(model, file, threads):
    command = [PROGRAM, "separate", file, "-m", model, "-o", FOLDER / "stems", "--overwrite", "--quiet"]
    return run([*command, "--format", "wavf32", "--clip", "none", "--threads", threads, "--workers", 1])


def vivace_figures(model, threads, segments):
    none, one, many = (vivace_cost(model, file, threads) for file in (nothing(), wav(1), wav(segments)))
    warm = {kind: (getattr(many, kind) - getattr(one, kind)) / (segments - 1) for kind in ("wall", "cpu")}
    return warm | {"first": (one.wall - none.wall) / warm["wall"], "peak_mb": many.peak_mb}


def peer_figures(peer, model, threads, segments):
    command = [sys.executable, HERE / "htdemucs_segments.py", peer, model / "model.onnx", threads, segments]
    found = json.loads(run(command).output[0].splitlines()[-1])
    first, *warm = found["seconds"]
    wall, cpu = (statistics.median(seconds) for seconds in zip(*warm))
    return {"wall": wall, "cpu": cpu, "first": first[0] / wall, "peak_mb": found["peak_mb"]}


def middle(values, digits=2):
    """The median, and the range."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} … {max(values):.{digits}f})"


def print_rows(threads, turns):
    """A line a program; ratios are vivace's figure over its own."""
    for name in turns[0]:
        cells = [middle([turn[name][kind] for turn in turns]) for kind in ("wall", "cpu", "first")]
        cells.append(middle([turn[name]["peak_mb"] for turn in turns], 0))
        for kind in ("wall", "cpu", "peak_mb"):
            cells.append(
                middle([turn["vivace"][kind] / turn[name][kind] for turn in turns]) if name != "vivace" else ""
            )
        print(f"| {threads} | {name} | {' | '.join(cells)} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=ROOT / ".deps/peer-models/htdemucs-seeded")
    parser.add_argument("--segments", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=lambda text: [int(part) for part in text.split(",")], default=[1, 2])
    arguments = parser.parse_args()
    print("| threads | program | a segment, s | processor, s | first over warm | peak MB | time | processor | memory |")
    print("|---|---|---|---|---|---|---|---|---|")
    for threads in arguments.threads:
        turns = []
        for _ in range(arguments.repeats):
            turn = {"vivace": vivace_figures(arguments.model, threads, arguments.segments)}
            for name, peer in PEERS.items():
                turn[name] = peer_figures(peer, arguments.model, threads, arguments.segments)
            turns.append(turn)
        print_rows(threads, turns)


main()
