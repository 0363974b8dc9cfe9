"""Makes the goldens of this folder with Essentia. Run it in the environment of scripts/setup-peers:

    .deps/peers/bin/python tests/goldens/make_goldens.py MSD_MUSICNN.pb EFFNET.pb

scripts/setup-peers puts the graphs into .deps/peer-models: MusiCNN as published, and the Discogs-EffNet with seeded
weights that converters/discogs_effnet.py makes. Files written, numbers with nine significant digits:

    front_end.json  for each signal: the audio file's SHA-256; `mono`: MonoLoader at 16 kHz by resampler (length, single
                    samples); `musicnn_mel`, `vggish_mel` of the linearly resampled signal (number of frames, single
                    frames, mean of all frames)
    musicnn.json    for each signal: rows of embeddings and activations after the linear resampler, the means of both
                    after the sinc resampler; for the MP3 the rows of embeddings
    effnet.json     for some of them: rows of embeddings, each as float16, little-endian, in base64, and the mean
                    activations
    counts.json     rows and frames by number of samples at 16 kHz; resampled length by rate and number of samples
"""

import argparse
import base64
import hashlib
import json
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parents[1] / "benchmarks/peers"))

import numpy as np  # noqa: E402

import essentia_peer as essentia  # noqa: E402
import signals  # noqa: E402

EXCERPT, LOSSY_EXCERPT = "excerpt.flac", "excerpt.mp3"
EFFNET_SIGNALS = [EXCERPT, "notes-48000-stereo", LOSSY_EXCERPT]
RESAMPLERS = {"linear": essentia.LINEAR, "sinc-medium": essentia.SINC_MEDIUM}
COUNTED_16K = [
    1, 2, 255, 256, 257, 32255, 32256, 32257, 32512, 32513, 47360, 47361, 47616, 47617, 48128, 48129, 48384, 48385,
    71168, 71169, 71424, 71425, 96001, 160000, 2400000,
]  # fmt: skip
COUNTED_OTHER = {
    44100: [1, 2, 3, 100, 4410, 44100, 44101, 264600],
    48000: [1, 2, 3, 100, 4800, 48001, 288000],
    22050: [1, 2, 3, 100, 2205, 22051, 132300],
}


def rounded(values):
    """Nested lists of floats with nine significant digits, enough to restore a float32."""
    if isinstance(values, np.ndarray):
        values = values.tolist()
    return [rounded(v) for v in values] if isinstance(values, list) else float(f"{values:.9g}")


def picked(length, first, spread, last):
    """Indices below `length`: the first ones, some spread evenly, the last ones."""
    between = np.linspace(0, length - 1, spread).round().astype(int)
    chosen = {*range(min(first, length)), *between.tolist(), *range(max(0, length - last), length)}
    return sorted(chosen)


def samples_golden(samples):
    index = picked(len(samples), 8, 40, 4)
    return {"length": len(samples), "index": index, "value": rounded(samples[index])}


def frames_golden(frames):
    index = picked(len(frames), 2, 5, 2)
    mean = rounded(frames.mean(axis=0))
    return {"frames": len(frames), "index": index, "value": rounded(frames[index]), "mean": mean}


def front_end_golden(path):
    mono = {name: essentia.load(path, quality) for name, quality in RESAMPLERS.items()}
    return {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "mono": {name: samples_golden(samples) for name, samples in mono.items()},
        "musicnn_mel": frames_golden(essentia.musicnn_mel(mono["linear"])),
        "vggish_mel": frames_golden(essentia.vggish_mel(mono["linear"])),
    }


def musicnn_golden(path, predictors):
    golden = {}
    for name, predict in predictors.items():
        golden[name] = rounded(predict(essentia.load(path, essentia.LINEAR)))
        golden[f"sinc_mean_{name}"] = rounded(predict(essentia.load(path, essentia.SINC_MEDIUM)).mean(axis=0))
    return golden


def effnet_golden(path, predictors):
    samples = essentia.load(path)
    rows = predictors["embeddings"](samples)
    activations = predictors["activations"](samples).mean(axis=0)
    return {"embeddings": [packed(row) for row in rows], "activations": rounded(activations)}


def packed(values):
    """A vector as little-endian float16 in base64: relative errors of 0.0005, cosines within 1e-7."""
    return base64.b64encode(values.astype("<f2").tobytes()).decode()


def counts_golden(folder, musicnn, effnet):
    rows = []
    for count in COUNTED_16K:
        path = folder / "count.wav"
        signals.write_wav(path, 16000, signals.noise(count))
        samples = essentia.load(path)
        rows.append(
            {
                "samples": count,
                "frames": len(essentia.musicnn_mel(samples)),
                "musicnn_rows": len(musicnn(samples)),
                "effnet_rows": len(effnet(samples)),
            }
        )
    return rows


def lengths_golden(folder):
    lengths = []
    for rate, counts in COUNTED_OTHER.items():
        for count in counts:
            path = folder / "length.wav"
            signals.write_wav(path, rate, signals.noise(count))
            loaded = {name: len(essentia.load(path, quality)) for name, quality in RESAMPLERS.items()}
            lengths.append({"rate": rate, "samples": count, **loaded})
    return lengths


def write(name, document):
    """JSON with one innermost list or object a line."""
    (FOLDER / name).write_text(compact(document) + "\n")


def compact(value, indent=0):
    nested = isinstance(value, (list, dict)) and any(
        isinstance(v, (list, dict)) for v in (value.values() if isinstance(value, dict) else value)
    )
    if not nested:
        return json.dumps(value, separators=(",", ":"))
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        parts = [f"{json.dumps(k)}: {compact(v, indent + 1)}" for k, v in value.items()]
    else:
        parts = [compact(v, indent + 1) for v in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{pad}" + f",\n{pad}".join(parts) + f"\n{' ' * indent}{closing}"


def both_predictors(kind, graph):
    return {output: essentia.Predictor(kind, graph, output) for output in ("embeddings", "activations")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("musicnn", help="frozen graph of MusiCNN")
    parser.add_argument("effnet", help="frozen graph of a Discogs-EffNet")
    arguments = parser.parse_args()
    musicnn = both_predictors("musicnn", arguments.musicnn)
    effnet = both_predictors("effnet", arguments.effnet)
    with tempfile.TemporaryDirectory() as scratch:
        paths = {EXCERPT: FOLDER / EXCERPT}
        for name in signals.SIGNALS:
            paths[name] = Path(scratch) / f"{name}.wav"
            signals.write_signal(name, paths[name])
        write("front_end.json", {name: front_end_golden(path) for name, path in paths.items()})
        lossy = {"embeddings": rounded(musicnn["embeddings"](essentia.load(FOLDER / LOSSY_EXCERPT)))}
        write("musicnn.json", {**{n: musicnn_golden(p, musicnn) for n, p in paths.items()}, LOSSY_EXCERPT: lossy})
        paths[LOSSY_EXCERPT] = FOLDER / LOSSY_EXCERPT
        write("effnet.json", {name: effnet_golden(paths[name], effnet) for name in EFFNET_SIGNALS})
        counts = counts_golden(Path(scratch), musicnn["activations"], effnet["embeddings"])
        write("counts.json", {"rows": counts, "lengths": lengths_golden(Path(scratch))})


if __name__ == "__main__":
    main()
