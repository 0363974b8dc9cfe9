#!/usr/bin/env python3
"""Compares vivace's stems with those of Spleeter's own TensorFlow pipeline, in a Markdown table. Exit status 1: a
figure misses.

Run it in the environment of scripts/setup-peers-separate:

    .deps/peers-separate/bin/python benchmarks/peers/separate_spleeter.py [FILE…] [--tracks N] [--seconds N]

Without files, it takes the free tracks of audio.py. All programs get the same samples, as a WAV file of floats (16 bits
for sherpa-onnx). Compared is each stem's signal-to-distortion ratio, the energy of Spleeter's stem over that of the
difference, which must be at least 80 dB, or the largest difference at most 1e-6 (a stem may be as good as silent); the
ratio of sherpa-onnx is told beside it. The first segment of every track is compared with Wiener filtering too (`vivace
separate --wiener 1`, norbert): Spleeter filters a track as a whole, vivace segment by segment, so only tracks of one
segment can be equal.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

import audio
from sherpa_peer import sherpa_command
from spleeter_peer import Spleeter
from vivace_program import separate_command

LEAST_DB = 80
INAUDIBLE = 1e-6  # -120 dBFS
RATE = 44100
ONE_SEGMENT = 11 * RATE
STEMS = ("vocals", "accompaniment")
HEADER = """| audio | stem | vivace's SDR, dB | largest difference | sherpa-onnx's SDR, dB | holds |
|---|---|---|---|---|---|"""


def read(path):
    """[frames, 2] of a WAV file."""
    return soundfile.read(str(path), dtype="float32", always_2d=True)[0]


def decoded(file, seconds, folder):
    """The first `seconds` of any audio file, by ffmpeg: [frames, 2] at 44.1 kHz."""
    path = folder / "decoded.wav"
    options = ["-t", str(seconds), "-ar", str(RATE), "-ac", "2", "-c:a", "pcm_f32le", str(path)]
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", str(file), *options], check=True)
    return read(path)


def by_vivace(samples, folder, *options):
    """Name of a stem -> [frames, 2]."""
    path = folder / "mix.wav"
    soundfile.write(path, samples, RATE, "FLOAT")
    command = separate_command(path, folder, "--format", "wavf32", "--clip", "none", *options)
    subprocess.run(command, check=True)
    return {stem: read(folder / f"mix/{stem}.wav") for stem in STEMS}


def by_sherpa(samples, folder):
    """Name of a stem -> [frames, 2], some frames fewer than there are."""
    path = folder / "mix16.wav"
    soundfile.write(path, samples, RATE, "PCM_16")
    subprocess.run(sherpa_command(path, folder, 1), check=True, stderr=subprocess.DEVNULL)
    return {stem: read(folder / f"{stem}.wav") for stem in STEMS}


def sdr(reference, estimate):
    """In dB, over the frames that both have."""
    frames = min(len(reference), len(estimate))
    reference, estimate = reference[:frames].astype(np.float64), estimate[:frames]
    distortion = np.square(reference - estimate).sum()
    return float("inf") if distortion == 0 else 10 * np.log10(np.square(reference).sum() / distortion)


def compare(name, theirs, ours, sherpas):
    """Prints a line a stem; true if all hold."""
    holds = True
    for stem in STEMS:
        ratio = sdr(theirs[stem], ours[stem])
        same_length = len(ours[stem]) == len(theirs[stem])
        difference = np.abs(theirs[stem] - ours[stem]).max() if same_length else np.inf
        equal = same_length and (ratio >= LEAST_DB or difference <= INAUDIBLE)
        cells = [
            name,
            stem,
            f"{ratio:.1f}",
            f"{difference:.1e}",
            f"{sdr(theirs[stem], sherpas[stem]):.1f}" if sherpas else "",
            "yes" if equal else "**no**",
        ]
        print(f"| {' | '.join(cells)} |", flush=True)
        holds = holds and equal
    return holds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="audio files instead of the free tracks")
    parser.add_argument("--tracks", type=int, default=2, help="how many of the free tracks (default 2)")
    parser.add_argument("--seconds", type=int, default=60, help="how much of each (default 60)")
    arguments = parser.parse_args()
    plain, filtering = Spleeter(), Spleeter(filters=True)
    print(HEADER)
    holds = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in arguments.files or audio.tracks()[: arguments.tracks]:
            samples = decoded(file, arguments.seconds, folder)
            sherpas = by_sherpa(samples, folder)
            holds.append(compare(file.stem, plain(samples), by_vivace(samples, folder), sherpas))
            first = samples[:ONE_SEGMENT]
            filtered = by_vivace(first, folder, "--wiener", "1")
            holds.append(compare(f"{file.stem}, 11 s, filtered", filtering(first), filtered, None))
    sys.exit(0 if all(holds) else 1)


if __name__ == "__main__":
    main()
