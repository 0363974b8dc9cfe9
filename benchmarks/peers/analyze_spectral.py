"""Spectral features, MFCC and chroma of `vivace features` beside librosa's and Essentia's, on real music.

    .deps/peers/bin/python benchmarks/peers/analyze_spectral.py [tracks] [seconds] [part…]

Both hear the same WAV file (the mean of its channels, at its own rate) on one core. Prints for each field the largest
relative difference from the peer over the tracks, and how long the peer takes, in units of vivace's time.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

CORE = "1"
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3"}

# pylint: disable=wrong-import-position
import essentia
import essentia.standard as es
import librosa
import numpy as np
import soundfile

from audio import bench_track, make
from process import pinned, run
from vivace_program import PROGRAM

# Part -> vivace's features and what librosa needs for them, all from one transform.
PARTS = {
    "spectral": ["spectral"],
    "spectral+mfcc+chroma-stft": ["spectral", "mfcc", "chroma-stft"],
    "chroma-cqt": ["chroma-cqt"],
}


def statistics(name, rows):
    """The three statistics of a value, or of a vector, a frame; rows are [columns, frames]."""
    rows = np.asarray(rows, dtype=np.float64)
    rows = rows[0] if rows.shape[0] == 1 else rows
    values = {"mean": rows.mean(-1), "std": rows.std(-1), "median": np.median(rows, axis=-1)}
    return {f"{name}.{statistic}": value for statistic, value in values.items()}


def librosa_spectral(samples, rate, spectrum):
    feature = librosa.feature
    return (
        statistics("spectral.centroid_hz", feature.spectral_centroid(S=spectrum, sr=rate))
        | statistics("spectral.bandwidth_hz", feature.spectral_bandwidth(S=spectrum, sr=rate))
        | statistics("spectral.rolloff_hz", feature.spectral_rolloff(S=spectrum, sr=rate))
        | statistics("spectral.flatness", feature.spectral_flatness(S=spectrum))
        | statistics("spectral.contrast_db", feature.spectral_contrast(S=spectrum, sr=rate))
        | statistics("spectral.zero_crossing_rate", feature.zero_crossing_rate(samples))
        | statistics("spectral.rms", feature.rms(y=samples))
    )


def librosa_mfcc(rate, power):
    mel = librosa.power_to_db(librosa.feature.melspectrogram(S=power, sr=rate))
    return statistics("mfcc", librosa.feature.mfcc(S=mel, n_mfcc=13))


def librosa_chroma(name, rows):
    return {key: value for key, value in statistics(name, rows).items() if not key.endswith("median")}


def librosa_part(part, samples, rate):
    """The fields that librosa has of a part, and its seconds."""
    begin = time.perf_counter()
    if part == "chroma-cqt":
        fields = librosa_chroma("chroma.cqt", librosa.feature.chroma_cqt(y=samples, sr=rate))
        return fields, time.perf_counter() - begin
    spectrum = np.abs(librosa.stft(samples))
    fields = librosa_spectral(samples, rate, spectrum)
    if part != "spectral":
        power = spectrum**2
        fields |= librosa_mfcc(rate, power)
        fields |= librosa_chroma("chroma.stft", librosa.feature.chroma_stft(S=power, sr=rate))
        fields["chroma.tuning"] = librosa.estimate_tuning(S=spectrum, sr=rate)
    return fields, time.perf_counter() - begin


def essentia_spectral(samples, rate):
    """The fields of Essentia's algorithms on the frames that vivace takes, transformed by Essentia, and their seconds
    without that."""
    padded = np.pad(samples, 1024)
    window = (np.hanning(2049)[:-1] * 4 / 2048).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(padded, 2048)[::512] * window
    transform = es.Spectrum(size=2048)
    spectra = [transform(frame) for frame in frames]
    flux, rolloff, flatness = es.Flux(), es.RollOff(sampleRate=rate), es.Flatness()
    moments, shape = es.CentralMoments(range=rate / 2), es.DistributionShape()
    contrast = es.SpectralContrast(frameSize=2048, sampleRate=rate)
    rows = defaultdict(list)
    begin = time.perf_counter()
    for frame in spectra:
        rows["flux"].append([flux(frame)])
        rows["rolloff_hz"].append([rolloff(frame)])
        rows["flatness"].append([flatness(frame)])
        _, skewness, kurtosis = shape(moments(frame))
        rows["skewness"].append([skewness])
        rows["kurtosis"].append([kurtosis])
        rows["contrast"].append(contrast(frame)[0])
    seconds = time.perf_counter() - begin
    fields = {}
    for name, values in rows.items():
        fields |= statistics(f"spectral.essentia_{name}", np.array(values).T)
    return fields, seconds


def vivace(path, features):
    """The fields of a file, and the seconds of all stages but decoding."""
    done = run(pinned([PROGRAM, "features", path, "--json", "--features", *features], CORE))
    return json.loads(done.output[0])


def vivace_seconds(path, features):
    command = pinned([PROGRAM, "features", path, "--profile", "--features", *features], CORE)
    done = subprocess.run(
        [*map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True
    )
    stages = {line.split()[0]: float(line.split()[1]) for line in done.stderr.splitlines()}
    return sum(seconds for stage, seconds in stages.items() if stage != "decode"), stages


def difference(ours, peers):
    """The largest difference in units of the peer's value."""
    ours, peers = np.atleast_1d(np.asarray(ours, float)), np.atleast_1d(np.asarray(peers, float))
    return float(np.max(np.abs(ours - peers) / np.maximum(np.abs(peers), 1e-12)))


def wav_of(index, seconds):
    path = Path(tempfile.gettempdir()) / f"vivace-peers/{index:03}-{seconds}s.wav"
    return make(path, ["-i", bench_track(index), "-t", seconds, "-c:a", "pcm_f32le"])


def main():
    tracks = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 240
    parts = {p: f for p, f in PARTS.items() if len(sys.argv) < 4 or p in sys.argv[3:]}
    os.sched_setaffinity(0, {int(CORE)})
    essentia.log.infoActive = False
    differences = defaultdict(list)
    ratios = defaultdict(list)
    for index in range(tracks):
        path = wav_of(index, seconds)
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        samples = samples.mean(axis=1)
        for part, features in parts.items():
            found = vivace(path, features)
            if index == 0:
                librosa_part(part, samples[: 30 * rate], rate)  # compiles
            for repeat in range(3):
                ours, stages = vivace_seconds(path, features)
                peers, theirs = librosa_part(part, samples, rate)
                ratios[part].append(theirs / ours)
            print(f"{path.name} {part}: vivace {ours:.3f} s {stages}, librosa {theirs:.3f} s")
            if part == "spectral":
                more, theirs = essentia_spectral(samples, rate)
                peers |= more
                ratios["spectral (Essentia's, from its spectra)"].append(theirs / ours)
            for name, value in peers.items():
                differences[name].append(difference(found[name], value))
    for name, values in differences.items():
        print(f"{name:40} largest difference {max(values):.1e}, median {np.median(values):.1e}")
    for part, values in ratios.items():
        print(f"{part:40} peer takes {np.median(values):.1f} x ({min(values):.1f} … {max(values):.1f})")


main()
