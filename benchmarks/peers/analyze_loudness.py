#!/usr/bin/env python3
"""Loudness, true peak and band levels of `vivace features` beside libebur128, FFmpeg's ebur128 filter and scipy.

    .deps/peers/bin/python benchmarks/peers/analyze_loudness.py [--tracks N] [--rounds N] [FILES…]

All hear the same samples. Prints the largest difference of each field over the files, then processor time on one core,
interleaved, the least of the rounds: whole programs with decoding, and measuring alone (of vivace this is wall time).
Needs libebur128-1 and ffmpeg.
"""

import argparse
import json
import subprocess
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy import signal

import ebur128_peer as ebur128
from audio import bench_track
from process import pinned, run
from vivace_program import PROGRAM

CORE = 1
BANDS = [(20, 120), (120, 600), (600, 2500), (2500, 22000)]


def decode(path):
    """Float samples [frames, channels] as FFmpeg decodes them, and their rate."""
    asked = ["ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries", "stream=channels,sample_rate"]
    stream = json.loads(subprocess.run([*asked, "-of", "json", path], capture_output=True, check=True).stdout)
    channels, rate = (int(stream["streams"][0][key]) for key in ("channels", "sample_rate"))
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-map", "0:a:0", "-f", "f32le", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.float32).reshape(-1, channels), rate


def range_of(short_term):
    """Loudness range of short-term loudness every 100 ms by EBU Tech 3342."""
    heard = short_term[short_term >= -70]
    kept = np.sort(heard[heard >= 10 * np.log10(np.mean(10 ** (heard / 10))) - 20])
    low, high = (int(share * (len(kept) - 1) + 0.5) for share in (0.10, 0.95))
    return kept[high] - kept[low]


def band_levels(mono, rate):
    """Fields of the bands whose limits lie below half the sample rate, by scipy."""
    fields = {}
    for low, high in BANDS:
        if high < 0.999 * rate / 2:
            sections = signal.butter(5, [low, high], "bandpass", fs=rate, output="sos")
            power = np.mean(signal.sosfilt(sections, mono.astype(np.float64)) ** 2)
            fields[f"level.band_{low}_{high}_dbfs"] = 10 * np.log10(power)
    return fields


def peer_fields(samples, rate):
    """What libebur128 and scipy say, and the seconds that libebur128 took without and with true peak."""
    seconds = []
    for peaks in (False, True):
        begin = time.process_time()
        found = ebur128.measure(samples, rate, peaks)
        seconds.append(time.process_time() - begin)
    short_term = np.array(found.pop("short_term_lufs"))[29:]
    fields = {f"loudness.{name}": value for name, value in found.items()}
    fields["loudness.range_lu"] = range_of(short_term)
    return fields | band_levels(samples.mean(axis=1, dtype=np.float32), rate), seconds


def vivace(path, features):
    """The fields of a file, the processor time of the program, and the seconds of its stages."""
    command = pinned([PROGRAM, "features", path, "--json", "--profile", "--features", features], CORE)
    cost = run(["sh", "-c", '"$@" 2>&1', "sh", *command])
    text, profile = cost.output[0].rsplit("}", 1)
    stages = {line.split()[0]: float(line.split()[1]) for line in profile.splitlines() if line.strip()}
    return json.loads(text + "}"), cost.cpu, stages


def ffmpeg_seconds(path, *filters):
    """Processor time of FFmpeg, decoding and filtering."""
    command = ["ffmpeg", "-threads", "1", "-v", "error", "-nostdin", "-i", path, "-map", "0:a:0"]
    return run(pinned([*command, *filters, "-f", "null", "-"], CORE)).cpu


def measure_round(path):
    """Seconds by name, one run of each program in turn."""
    _, loudness, stages = vivace(path, "loudness")
    plain = ffmpeg_seconds(path)
    filtered = ffmpeg_seconds(path, "-af", "ebur128")
    _, both, peak_stages = vivace(path, "loudness,true-peak")
    peaked = ffmpeg_seconds(path, "-af", "ebur128=peak=true")
    return {
        "vivace, program": loudness,
        "ffmpeg, program": filtered,
        "vivace, program, true peak": both,
        "ffmpeg, program, true peak": peaked,
        "vivace, alone": stages["loudness"],
        "ffmpeg, alone": filtered - plain,
        "vivace, alone, true peak": peak_stages["loudness"] + peak_stages["true-peak"],
        "ffmpeg, alone, true peak": peaked - plain,
    }


def least(rounds):
    """The least seconds of each name."""
    return {name: min(measured[name] for measured in rounds) for name in rounds[0]}


def main():
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--tracks", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    files = options.files or [bench_track(index) for index in range(options.tracks)]

    worst, seconds = defaultdict(float), defaultdict(list)
    for path in files:
        expected, (plain, peaked) = peer_fields(*decode(path))
        found, _, _ = vivace(path, "loudness,true-peak,level")
        for name, value in expected.items():
            worst[name] = max(worst[name], abs(found[name] - value))
        timed = least([measure_round(path) for _ in range(options.rounds)])
        for name, value in (timed | {"libebur128, alone": plain, "libebur128, alone, true peak": peaked}).items():
            seconds[name].append(value)

    print(f"| field | largest difference, {len(files)} files |\n|---|---|")
    for name, value in worst.items():
        print(f"| {name} | {value:.2g} |")
    print("\n| what | s, mean | longest |\n|---|---|---|")
    for name, values in seconds.items():
        print(f"| {name} | {np.mean(values):.3f} | {max(values):.3f} |")


if __name__ == "__main__":
    main()
