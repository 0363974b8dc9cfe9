#!/usr/bin/env python3
"""Compares vivace with Essentia on real music, file by file, in a Markdown table. Exit status 1: a figure misses.

Run it in the environment of scripts/setup-peers:

    .deps/peers/bin/python benchmarks/peers/parity.py [--models musicnn,effnet] [--tracks N] [--seconds N]

Each track is cut and stored in several formats (audio.py). Essentia decodes and resamples by MonoLoader, linearly (as
its examples do), and predicts with the frozen graph of the same model; vivace runs with `--compat essentia`. Compared
are the number of rows, the cosine of each row and of the mean embedding, and the mean activations. Lossless files must
agree to 0.99999 and 1e-4, lossy ones to 0.999. The table also shows how far Essentia's own sinc resampler moves the
mean embedding.
"""

import argparse
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import audio
import essentia_peer as essentia
import vivace_program as vivace

LOSSLESS_COSINE, LOSSY_COSINE, TAG_TOLERANCE = 0.99999, 0.999, 1e-4
START = 30  # seconds into a track


@dataclass(frozen=True)
class Model:
    """One network: the kind of essentia_peer.MODELS, vivace's model folder, Essentia's frozen graph."""

    kind: str
    folder: Path
    graph: Path

    def labels(self):
        """Names of the activations, in the order of the outputs."""
        return tomllib.loads((self.folder / "model.toml").read_text())["activations"]["labels"]


MODELS = {
    "musicnn": Model(
        "musicnn", audio.ROOT / ".deps/models/msd-musicnn", audio.ROOT / ".deps/peer-models/msd-musicnn.pb"
    ),
    "effnet": Model(
        "effnet",
        audio.ROOT / ".deps/models/discogs-effnet-seeded",
        audio.ROOT / ".deps/peer-models/discogs-effnet-seeded.pb",
    ),
}


@dataclass(frozen=True)
class Case:
    """A file, and how close the results must be: "lossless" or "lossy"."""

    file: Path
    bound: str


@dataclass(frozen=True)
class Agreement:
    """How the results of a case compare; `row` is the lowest cosine of a row, `tags` the largest difference."""

    case: Case
    rows: tuple[int, int]
    row: float
    mean: float
    tags: float
    sinc: float

    def holds(self):
        """Whether every figure is within its bound."""
        if self.rows[0] != self.rows[1]:
            return False
        if self.case.bound == "lossless":
            return min(self.row, self.mean) >= LOSSLESS_COSINE and self.tags <= TAG_TOLERANCE
        return self.mean >= LOSSY_COSINE

    def line(self):
        """The line in the table."""
        cells = [
            self.case.file.name,
            f"{self.rows[0]} / {self.rows[1]}",
            f"{self.row:.7f}",
            f"{self.mean:.7f}",
            f"{self.tags:.1e}",
            f"{self.sinc:.4f}",
            "yes" if self.holds() else "**no**",
        ]
        return f"| {' | '.join(cells)} |"


@dataclass(frozen=True)
class Failure:
    """A file that vivace could not embed."""

    case: Case
    message: str

    def holds(self):
        """Never."""
        return False

    def line(self):
        """The line in the table."""
        return f"| {self.case.file.name} | {self.message} | | | | | **no** |"


HEADER = """| file | rows: vivace / Essentia | lowest cosine of a row | cosine of the mean | largest tag difference \
| Essentia's sinc | holds |
|---|---|---|---|---|---|---|"""


def cosine(a, b):
    """Cosine of vectors along the last axis."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return (a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1))


def compare(case, record, predictors, labels):
    """How vivace's record of a file agrees with Essentia's predictions: an Agreement, or the Failure that it is."""
    if record["status"] != "ok":
        return Failure(case, record["error"]["message"])
    samples = essentia.load(case.file)
    embeddings, activations = (predictors[output](samples) for output in ("embeddings", "activations"))
    with_sinc = predictors["embeddings"](essentia.load(case.file, essentia.SINC_MEDIUM)).mean(axis=0)
    ours = np.array(record["embeddings"])
    common = min(len(ours), len(embeddings))
    tags = np.array([record["tags"][label] for label in labels])
    return Agreement(
        case=case,
        rows=(len(ours), len(embeddings)),
        row=float(cosine(ours[:common], embeddings[:common]).min()),
        mean=float(cosine(record["embedding"], embeddings.mean(axis=0))),
        tags=float(np.abs(tags - activations.mean(axis=0)).max()),
        sinc=float(cosine(with_sinc, embeddings.mean(axis=0))),
    )


def compare_model(model, cases):
    """Prints the table of one model; true if every case holds."""
    records = vivace.embed(model.folder, [case.file for case in cases], "--rows", "--compat", "essentia")
    outputs = ("embeddings", "activations")
    predictors = {output: essentia.Predictor(model.kind, model.graph, output) for output in outputs}
    labels = model.labels()
    print(f"## {model.folder.name}\n\n{HEADER}")
    agreements = []
    for case, record in zip(cases, records, strict=True):
        agreements.append(compare(case, record, predictors, labels))
        print(agreements[-1].line(), flush=True)
    print()
    return all(agreement.holds() for agreement in agreements)


def cases_of(track, seconds):
    """The cases of one track."""
    lossless = [audio.excerpt(track, START, seconds, ending) for ending in audio.LOSSLESS]
    mp3, m4a = (audio.excerpt(track, START, seconds, ending) for ending in ("44k.mp3", "44k.m4a"))
    return [
        *(Case(path, "lossless") for path in lossless),
        Case(mp3, "lossy"),
        Case(m4a, "lossy"),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=",".join(MODELS), help="musicnn, effnet or both")
    parser.add_argument("--tracks", type=int, default=3, help="how many tracks (default 3)")
    parser.add_argument("--seconds", type=int, default=30, help="how much of each (default 30)")
    arguments = parser.parse_args()
    cases = [case for track in audio.tracks()[: arguments.tracks] for case in cases_of(track, arguments.seconds)]
    results = [compare_model(MODELS[name], cases) for name in arguments.models.split(",")]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
