"""Spectral features, MFCC and chroma of `vivace features` beside librosa's and Essentia's, on real music.

    .deps/peers/bin/python benchmarks/peers/analyze_spectral.py [tracks] [seconds] [part…]

Both hear the same WAV file (the mean of its channels, at its own rate) on one core. Prints for each field the largest
relative difference from the peer over the tracks, and how long the peer takes, in units of vivace's time (all stages
but decoding; the peer has its samples already). librosa's features share one transform, as vivace's do.
"""

import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from audio import bench_track, make
from process import pinned, run
from vivace_program import PROGRAM

CORE = 1
REPEATS = 3
# Part -> the features it has; their functions have the same names.
PARTS = {
    "spectral": ["spectral"],
    "mfcc": ["mfcc"],
    "chroma-stft": ["chroma-stft"],
    "shared": ["spectral", "mfcc", "chroma-stft"],
    "chroma-cqt": ["chroma-cqt"],
}


def peers_module():
    """The peers, on one thread."""
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    return importlib.import_module("spectral_peers")


def wav_of(index, seconds):
    path = Path(tempfile.gettempdir()) / f"vivace-peers/{index:03}-{seconds}s.wav"
    return make(path, ["-i", bench_track(index), "-t", seconds, "-c:a", "pcm_f32le"])


def vivace_command(path, features, option):
    return [str(c) for c in pinned([PROGRAM, "features", path, option, "--features", *features], CORE)]


def vivace_fields(path, features):
    return json.loads(run(vivace_command(path, features, "--json")).output[0])


def vivace_seconds(path, features):
    """The seconds of all stages but decoding."""
    done = subprocess.run(
        vivace_command(path, features, "--profile"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    stages = {line.split()[0]: float(line.split()[1]) for line in done.stderr.splitlines()}
    return sum(seconds for stage, seconds in stages.items() if stage != "decode")


def timed(function, *arguments):
    begin = time.perf_counter()
    return function(*arguments), time.perf_counter() - begin


def librosa_fields(peers, features, samples, rate):
    spectrum = None if features == ["chroma-cqt"] else peers.spectrum_of(samples)
    found = {}
    for feature in features:
        found |= getattr(peers, feature.replace("-", "_"))(samples, rate, spectrum)
    return found


def difference(np, ours, theirs):
    """The largest difference in units of the peer's value."""
    ours, theirs = np.atleast_1d(np.asarray(ours, float)), np.atleast_1d(np.asarray(theirs, float))
    return float(np.max(np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1e-12)))


def main():
    tracks = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 240
    parts = sys.argv[3:] or list(PARTS)
    os.sched_setaffinity(0, {CORE})
    peers = peers_module()
    np, soundfile = importlib.import_module("numpy"), importlib.import_module("soundfile")
    differences, ratios = defaultdict(list), defaultdict(list)
    for index in range(tracks):
        path = wav_of(index, seconds)
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        samples = samples.mean(axis=1)
        for part in parts:
            features = PARTS[part]
            if index == 0:
                librosa_fields(peers, features, samples[: 20 * rate], rate)  # compiles
            for _ in range(REPEATS):
                ours = vivace_seconds(path, features)
                theirs, peer_seconds = timed(librosa_fields, peers, features, samples, rate)
                ratios[f"{part}, librosa"].append(peer_seconds / ours)
            if part == "spectral":
                found, peer_seconds = timed(peers.essentia_spectral, peers.essentia_spectra(samples), rate)
                theirs |= found
                ratios["spectral, Essentia without its transform"].append(peer_seconds / ours)
            fields = vivace_fields(path, features)
            for name, value in theirs.items():
                differences[name].append(difference(np, fields[name], value))
    for name, values in differences.items():
        print(f"{name:36} differs by at most {max(values):.1e}, median {np.median(values):.1e}")
    for name, values in ratios.items():
        print(f"{name:36} takes {np.median(values):.1f} x vivace's time ({min(values):.1f} … {max(values):.1f})")


main()
