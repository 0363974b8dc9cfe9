#!/usr/bin/env python3
"""Compares vivace's stems with those of the programs that the networks come from. Exit status 1: a figure misses.

    python benchmarks/peers/separate_parity.py [--seconds N] [--cases A,B,…] [--threads N] [--work FOLDER]

Needs an environment of its own: the packages demucs 4.1.0, torch, onnx, onnxruntime, soundfile, scipy and, without what
it depends on, audio-separator 0.47.1. All weights are seeded; both sides have the same.

HTDemucs: Demucs's own `apply_model` on the track as Demucs normalises it, without shifts, overlap 0.25. The largest
difference must be at most 1e-3, the SI-SDR of every stem at least 60 dB. The bag goes through checkpoints in Demucs's
format.

MDX-Net: python-audio-separator's own transform and loop over chunks, both on ONNX Runtime. Every stem must have at
least 50 dB SI-SDR, and 60 dB of plain SDR, which levels count in. audio-separator does not undo the level that it gave
a track (audio_separator_peer.py); the stems are compared with its arithmetic with the factor that it applied, and the
table says what its own level would give.
"""

import argparse
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

import audio
import vivace_program as vivace

RATE = 44100
LARGEST_DIFFERENCE, LEAST_SI_SDR = 1e-3, 60.0
LEAST_MDX_SI_SDR, LEAST_MDX_SDR = 50.0, 60.0
START = 60  # seconds into the track
PEAKS = {"loud": 0.98, "quiet": 0.25}


@dataclass(frozen=True)
class Row:
    """One comparison; `other` is a remark on the peer."""

    case: str
    difference: float
    si_sdr: float
    sdr: float
    holds: bool
    other: str = ""

    def line(self):
        """The line in the table."""
        held = "yes" if self.holds else "**no**"
        figures = f"{self.difference:.1e} | {self.si_sdr:.1f} | {self.sdr:.1f}"
        return f"| {self.case} | {figures} | {held} | {self.other} |"


HEADER = """| case | largest difference | lowest SI-SDR, dB | lowest SDR, dB | holds | remark |
|---|---|---|---|---|---|"""


def decibels(signal, error):
    """Ratio of energies."""
    energy = float(np.square(error, dtype=np.float64).sum())
    return 10 * np.log10(float(np.square(signal, dtype=np.float64).sum()) / max(energy, 1e-300))


def si_sdr(reference, estimate):
    """Scale-invariant signal-to-distortion ratio in dB, over all samples of both channels."""
    a, b = reference.ravel().astype(np.float64), estimate.ravel().astype(np.float64)
    target = a * (a @ b) / max(a @ a, 1e-300)
    return decibels(target, b - target)


def excerpt(work, seconds, index, peak):
    """(path, [2, frames]): a part of a track, scaled to `peak`, as float WAV."""
    source = audio.bench_track(index)
    cut = audio.make(
        work / f"cut-{index}-{seconds}.wav", ["-ss", START, "-i", source, "-t", seconds, "-c:a", "pcm_f32le"]
    )
    samples, _ = soundfile.read(cut, dtype="float32", always_2d=True)
    samples *= peak / np.abs(samples).max()
    path = work / f"track-{index}-{seconds}-{peak}.wav"
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    return path, np.ascontiguousarray(samples.T)


def stems_of(model, track, options, *more):
    """{stem: [2, frames]} by vivace."""
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        vivace.separate(model, track, folder, "--threads", options.threads, *more)
        files = sorted(Path(folder).glob("*.wav"))
        return {path.stem: soundfile.read(path, dtype="float32", always_2d=True)[0].T for path in files}


def compare(case, names, reference, ours, holds, other=""):
    """The Row of stems by their names; `holds` judges (difference, SI-SDR, SDR)."""
    pairs = [(reference[i], ours[name]) for i, name in enumerate(names)]
    for expected, found in pairs:
        if expected.shape != found.shape:
            return Row(case, np.inf, -np.inf, -np.inf, False, f"{found.shape} instead of {expected.shape}")
    difference = max(float(np.abs(a - b).max()) for a, b in pairs)
    lowest = min(si_sdr(a, b) for a, b in pairs), min(decibels(a, a - b) for a, b in pairs)
    return Row(case, difference, *lowest, holds(difference, *lowest), other)


def demucs_row(case, network, model, stems, track, samples, options):
    """HTDemucs against its own code."""
    import demucs_peer as demucs

    demucs.set_threads(options.threads)
    ours = stems_of(model, track, options)
    reference = demucs.separate(network, samples)
    share = np.abs(reference).max() / np.abs(samples).max()
    return compare(
        case,
        demucs.htdemucs.STEMS[stems],
        reference,
        ours,
        lambda difference, si, _: difference <= LARGEST_DIFFERENCE and si >= LEAST_SI_SDR,
        f"peak of the stems over the mix's: {share:.2f}",
    )


def demucs_rows(case, options):
    """The rows of a case of HTDemucs."""
    import demucs_peer as demucs

    models = options.work / "models"
    track, samples = excerpt(options.work, options.seconds, 0, PEAKS["loud"])
    stems, form, count = {
        "htdemucs": (4, "spectrum", 1),
        "htdemucs-waveform": (4, "waveform", 1),
        "htdemucs-6s": (6, "spectrum", 1),
        "htdemucs-bag": (4, "spectrum", 4),
    }[case]
    members = demucs.networks(stems, count)
    network = members[0]
    if count == 1:
        model = demucs.htdemucs.convert_seeded(models, stems, form=form)
    else:
        weights = demucs.htdemucs.identity_weights(count, stems)
        network = demucs.bag(members, weights)
        paths = demucs.checkpoints(members, options.work)
        model = demucs.htdemucs.convert_checkpoints(models, "htdemucs-bag", paths, weights, "MIT")
    return [demucs_row(case, network, model, stems, track, samples, options)]


def mdx_rows(case, options):
    """The rows of a case of MDX-Net: both stems, a loud and a quiet track."""
    import audio_separator_peer
    import demucs_peer  # noqa: F401  finds the converters
    import mdx_seeded

    folder = mdx_seeded.convert(options.work / "models")
    manifest = tomllib.loads((folder / "model.toml").read_text())
    peer = audio_separator_peer.Mdx(folder / "model.onnx", manifest, options.threads)
    rows = []
    for overlap in (0.25, 0.0):
        for loudness, peak in PEAKS.items():
            track, samples = excerpt(options.work, options.seconds, 1, peak)
            theirs, corrected = peer.separate(samples, overlap)
            ours = stems_of(folder, track, options, "--overlap", overlap)
            for index, name in enumerate(manifest["separation"]["stems"]):
                remark = f"SDR to its own level {decibels(theirs[index], theirs[index] - ours[name]):.1f} dB"
                rows.append(
                    compare(
                        f"{case}, {loudness}, overlap {overlap}, {name}",
                        [name],
                        [corrected[index]],
                        ours,
                        lambda _, si, sdr: si >= LEAST_MDX_SI_SDR and sdr >= LEAST_MDX_SDR,
                        remark,
                    )
                )
    return rows


CASES = {
    "htdemucs": demucs_rows,
    "htdemucs-waveform": demucs_rows,
    "htdemucs-6s": demucs_rows,
    "htdemucs-bag": demucs_rows,
    "mdx": mdx_rows,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=30, help="of the track (default 30)")
    parser.add_argument("--cases", type=lambda text: text.split(","), default=list(CASES), help=",".join(CASES))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, default=audio.ROOT / "build/separate-parity", help="for models and audio")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    print(HEADER)
    held = True
    for case in options.cases:
        for row in CASES[case](case, options):
            print(row.line(), flush=True)
            held = held and row.holds
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
