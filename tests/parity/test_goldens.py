"""The vivace program against Essentia's results in tests/goldens, on audio that is made again from formulas.

Needs a built program (VIVACE_BIN, default build/release/bin/vivace) and the model msd-musicnn (VIVACE_MODELS, default
.deps/models); without them the tests fail.
"""

import hashlib
import json
import math
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOLDENS = ROOT / "tests/goldens"
sys.path.insert(0, str(GOLDENS))

import signals  # noqa: E402

PROGRAM = Path(os.environ.get("VIVACE_BIN", ROOT / "build/release/bin/vivace"))
MODELS = Path(os.environ.get("VIVACE_MODELS", ROOT / ".deps/models"))
MUSICNN, EFFNET = MODELS / "msd-musicnn", MODELS / "discogs-effnet-seeded"

TAG_TOLERANCE = 1e-4
COSINE = 0.99999


def golden(name):
    return json.loads((GOLDENS / name).read_text())


FRONT_END, MUSICNN_ROWS, COUNTS = golden("front_end.json"), golden("musicnn.json"), golden("counts.json")


def embed(model, files, *options):
    """The records of `files`, by file name. Fails where the program fails; single files may."""
    if not model.exists():
        pytest.fail(f"{model} is not there; run scripts/setup")
    command = [PROGRAM, "embed", *files, "-m", model, "--rows", "--format", "jsonl", "-o", "-", "--quiet", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return {Path(record["path"]).name: record for record in map(json.loads, done.stdout.splitlines())}


def labels(model):
    """The names of a model's activations, in the order of its outputs."""
    return tomllib.loads((model / "model.toml").read_text())["activations"]["labels"]


def dot(a, b):
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


def cosine(a, b):
    return dot(a, b) / math.sqrt(dot(a, a) * dot(b, b))


def mean(rows):
    return [sum(column) / len(rows) for column in zip(*rows)]


def largest_difference(a, b):
    return max(abs(x - y) for x, y in zip(a, b, strict=True))


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    """Golden name -> audio file."""
    folder = tmp_path_factory.mktemp("goldens")
    files = {name: folder / f"{name}.wav" for name in signals.SIGNALS}
    for name, path in files.items():
        signals.write_signal(name, path)
    files["excerpt.flac"] = Path(shutil.copy(GOLDENS / "excerpt.flac", folder))
    return files


@pytest.fixture(scope="module")
def records(audio):
    """Golden name -> what vivace says about its file."""
    by_file = embed(MUSICNN, audio.values())
    assert [record["error"] for record in by_file.values() if record["status"] != "ok"] == []
    return {name: by_file[path.name] for name, path in audio.items()}


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """Number of samples at 16 kHz -> audio file."""
    folder = tmp_path_factory.mktemp("counts")
    files = {row["samples"]: folder / f"{row['samples']}.wav" for row in COUNTS["rows"]}
    for samples, path in files.items():
        signals.write_wav(path, 16000, signals.noise(samples))
    return files


@pytest.mark.parametrize("name", FRONT_END)
def test_audio_is_the_one_that_essentia_saw(audio, name):
    assert hashlib.sha256(audio[name].read_bytes()).hexdigest() == FRONT_END[name]["sha256"]


@pytest.mark.parametrize("name", MUSICNN_ROWS)
def test_rows_point_the_way_of_essentias(records, name):
    expected = MUSICNN_ROWS[name]["embeddings"]
    found = records[name]["embeddings"]
    assert len(found) == len(expected)
    assert min(cosine(a, b) for a, b in zip(found, expected)) >= COSINE


@pytest.mark.parametrize("name", MUSICNN_ROWS)
def test_activations_of_every_row_are_essentias(records, name):
    for found, expected in zip(records[name]["activations"], MUSICNN_ROWS[name]["activations"], strict=True):
        assert largest_difference(found, expected) <= TAG_TOLERANCE


@pytest.mark.parametrize("name", MUSICNN_ROWS)
def test_embedding_and_tags_are_means_over_rows(records, name):
    record, expected = records[name], MUSICNN_ROWS[name]
    assert cosine(record["embedding"], mean(expected["embeddings"])) >= COSINE
    tags = [record["tags"][label] for label in labels(MUSICNN)]
    assert largest_difference(tags, mean(expected["activations"])) <= TAG_TOLERANCE


@pytest.mark.parametrize("model, key", [(MUSICNN, "musicnn_rows"), (EFFNET, "effnet_rows")], ids=["musicnn", "effnet"])
def test_essentias_row_counts_on_request(counted, model, key):
    records = embed(model, counted.values(), "--compat", "essentia")
    found = {row["samples"]: records[f"{row['samples']}.wav"].get("rows", 0) or 0 for row in COUNTS["rows"]}
    assert found == {row["samples"]: row[key] for row in COUNTS["rows"]}


@pytest.mark.parametrize("model, patch, hop", [(MUSICNN, 187, 93), (EFFNET, 128, 62)], ids=["musicnn", "effnet"])
def test_every_whole_patch_is_a_row(counted, model, patch, hop):
    records = embed(model, counted.values())
    for row in COUNTS["rows"]:
        whole = 1 + (row["frames"] - patch) // hop if row["frames"] >= patch else 0
        found = records[f"{row['samples']}.wav"].get("rows", 0) or 0
        assert found == whole, f"{row['samples']} samples, {row['frames']} frames"
