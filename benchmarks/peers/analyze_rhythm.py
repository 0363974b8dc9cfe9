"""Onsets, tempo, key and danceability of `vivace features` beside librosa's and Essentia's, on real music.

    .deps/peers/bin/python benchmarks/peers/analyze_rhythm.py [tracks] [seconds]

Both hear the same WAV file on one core, in turns. Agreement is told per track and in all: the F-measure of onsets and
beats within 50 ms, tempo within 2 % or an octave off, key and scale, danceability. Speed is how long the peer takes in
units of vivace's time, all stages but decoding; the peer has its samples already. librosa is at the file's own rate as
vivace is, and for speed also at its default of 22 050 Hz.
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
WINDOW = 0.05  # seconds
PROFILES = {"key.": "bgate", "key.krumhansl_": "krumhansl", "key.temperley_": "temperley", "key.edma_": "edma"}
FLATS = {"C#": "Db", "D#": "Eb", "F#": "Gb", "G#": "Ab", "A#": "Bb"}


def peer_libraries():
    """librosa and essentia.standard, on one thread."""
    os.sched_setaffinity(0, {CORE})
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    importlib.import_module("essentia").log.infoActive = False
    return importlib.import_module("librosa"), importlib.import_module("essentia.standard")


def wav_of(index, seconds):
    path = Path(tempfile.gettempdir()) / f"vivace-peers/{index:03}-{seconds}s.wav"
    return make(path, ["-i", bench_track(index), "-t", seconds, "-c:a", "pcm_f32le"])


def command(path, features, option):
    return [str(c) for c in pinned([PROGRAM, "features", path, option, "--features", features], CORE)]


def vivace_seconds(path, features):
    """The seconds of all stages but decoding."""
    done = subprocess.run(
        command(path, features, "--profile"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True
    )
    stages = {line.split()[0]: float(line.split()[1]) for line in done.stderr.splitlines()}
    return sum(seconds for stage, seconds in stages.items() if stage != "decode")


def f_measure(ours, theirs):
    """Of two lists of times in order, each of which may match one other."""
    i = j = hits = 0
    while i < len(ours) and j < len(theirs):
        if abs(ours[i] - theirs[j]) <= WINDOW:
            hits, i, j = hits + 1, i + 1, j + 1
        elif ours[i] < theirs[j]:
            i += 1
        else:
            j += 1
    return 2 * hits / max(1, len(ours) + len(theirs))


def is_octave(ours, theirs):
    return any(abs(ours * factor / theirs - 1) <= 0.02 for factor in (0.5, 1, 2))


def peers_of(librosa, es, samples, rate):
    """Name -> vivace's features, and the peer's call."""

    def onsets(samples, rate):
        envelope = librosa.onset.onset_strength(y=samples, sr=rate)
        return librosa.onset.onset_detect(onset_envelope=envelope, sr=rate, units="time")

    def beats(samples, rate):
        envelope = librosa.onset.onset_strength(y=samples, sr=rate)
        return librosa.beat.beat_track(onset_envelope=envelope, sr=rate, units="time")

    slow = librosa.resample(samples, orig_sr=rate, target_sr=22050)
    return {
        "onsets, librosa": ("onsets", lambda: onsets(samples, rate)),
        "onsets, librosa at 22050 Hz": ("onsets", lambda: onsets(slow, 22050)),
        "tempo, librosa": ("tempo", lambda: beats(samples, rate)),
        "tempo, librosa at 22050 Hz": ("tempo", lambda: beats(slow, 22050)),
        "key, Essentia": ("key", lambda: es.KeyExtractor()(samples)),
        "danceability, Essentia": ("danceability", lambda: es.Danceability()(samples)),
    }


def agreement(es, ours, samples, found):
    """Name of a figure -> its value for one track."""
    tempo, beats = found["tempo, librosa"]
    figures = {
        "onsets, F": f_measure(ours["onsets.times_s"], found["onsets, librosa"]),
        "tempo equal or an octave off": is_octave(ours["tempo.bpm"], float(tempo[0])),
        "beats, F": f_measure(ours["tempo.beats_s"], beats),
        "danceability over Essentia's": ours["danceability.dfa"] / found["danceability, Essentia"][0],
    }
    for prefix, profile in PROFILES.items():
        key, scale, _ = es.KeyExtractor(profileType=profile)(samples)
        figures[f"key by {profile}"] = (FLATS.get(key, key), scale) == (ours[prefix + "key"], ours[prefix + "scale"])
    return figures


def main():
    tracks = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 240
    librosa, es = peer_libraries()
    soundfile = importlib.import_module("soundfile")
    figures, ratios = defaultdict(list), defaultdict(list)
    for index in range(tracks):
        path = wav_of(index, seconds)
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        samples = samples.mean(axis=1)
        peers = peers_of(librosa, es, samples, rate)
        found = {name: call() for name, (_, call) in peers.items()}  # the first calls compile
        for name, (features, call) in peers.items():
            for _ in range(REPEATS):
                ours = vivace_seconds(path, features)
                begin = time.perf_counter()
                call()
                ratios[name].append((time.perf_counter() - begin) / ours)
        fields = json.loads(run(command(path, "onsets,tempo,key,danceability", "--json")).output[0])
        for name, value in agreement(es, fields, samples, found).items():
            figures[name].append(value)
    for name, values in figures.items():
        print(f"{name:32} mean {sum(values) / len(values):.5f}, lowest {float(min(values)):.5f}")
    for name, values in ratios.items():
        middle = sorted(values)[len(values) // 2]
        print(f"{name:32} takes {middle:.1f} x vivace's time ({min(values):.1f} … {max(values):.1f})")


main()
