"""The vivace program against Essentia's results in tests/goldens, on audio that is made again from formulas."""

import base64
import hashlib
import json
import shutil
from pathlib import Path

import numpy
import pytest

import signals
from models import copy_of_model, cut_into_frames, import_tiny, replace_in_manifest, sample_counter
from program import EFFNET, MUSICNN, ROOT, embed, labels
from vectors import cosine, largest_difference

GOLDENS = ROOT / "tests/goldens"
EXCERPTS = ["excerpt.flac", "excerpt.mp3"]

# Cosine of lossless and of lossy files, and activations of lossless ones.
LOSSLESS_COSINE, LOSSY_COSINE = 0.99999, 0.999
TAG_TOLERANCE = 1e-4
FRAME_TOLERANCE = 2e-4


def golden(name):
    return json.loads((GOLDENS / name).read_text())


FRONT_END, COUNTS = golden("front_end.json"), golden("counts.json")
EXPECTED = {MUSICNN: golden("musicnn.json"), EFFNET: golden("effnet.json")}
CASES = [(model, name) for model, by_name in EXPECTED.items() for name in by_name]
LOSSLESS_CASES = [(model, name) for model, name in CASES if not name.endswith(".mp3")]

# Golden of a front end -> the class of models that has it, and its bands, frames a patch and hop in frames.
FRONT_ENDS = {
    "musicnn_mel": ("TensorflowPredictMusiCNN", 96, 187, 93),
    "vggish_mel": ("TensorflowPredictVGGish", 64, 96, 93),
}


def embeddings_of(expected):
    """[rows, dimension]: the embeddings of a golden, which are numbers or float16 in base64."""
    return numpy.array([decoded(row) if isinstance(row, str) else row for row in expected["embeddings"]], numpy.float64)


def decoded(text):
    return numpy.frombuffer(base64.b64decode(text), "<f2")


def tags_of(expected):
    """The mean activation of each label; a golden holds it, or the activations of every row."""
    activations = numpy.array(expected["activations"])
    return activations if activations.ndim == 1 else activations.mean(axis=0)


def least_cosine(name):
    return LOSSY_COSINE if name.endswith(".mp3") else LOSSLESS_COSINE


def embed_by_name(files, *options, **more):
    """Name -> record of its file. None may fail."""
    return dict(zip(files, embed(*files.values(), *options, **more)))


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    """Golden name -> audio file."""
    folder = tmp_path_factory.mktemp("goldens")
    files = {name: folder / f"{name}.wav" for name in signals.SIGNALS}
    for name, path in files.items():
        signals.write_signal(name, path)
    return files | {name: Path(shutil.copy(GOLDENS / name, folder)) for name in EXCERPTS}


@pytest.fixture(scope="module")
def records(audio):
    """Model -> golden name -> what vivace says about its file, counting rows as Essentia does."""
    return {
        model: embed_by_name({name: audio[name] for name in by_name}, "-m", model, "--rows", "--compat", "essentia")
        for model, by_name in EXPECTED.items()
    }


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


@pytest.fixture(scope="module", params=FRONT_ENDS)
def frames(request, audio, tmp_path_factory):
    """Name of the front end and golden name -> record with a row for each frame."""
    algorithm, bands, patch, hop = FRONT_ENDS[request.param]
    model = import_tiny(tmp_path_factory.mktemp("frames") / "models", algorithm, bands)
    cut_into_frames(model, patch, hop)
    return request.param, embed_by_name({name: audio[name] for name in FRONT_END}, "-m", model, "--rows")


@pytest.mark.parametrize("name", FRONT_END)
def test_frames_are_essentias(frames, name):
    front_end, by_name = frames
    record, expected = by_name[name], FRONT_END[name][front_end]
    assert record["rows"] == expected["frames"]
    found = numpy.array(record["embeddings"])[expected["index"]]
    assert largest_difference(found, expected["value"]) <= FRAME_TOLERANCE
    assert largest_difference(record["embedding"], expected["mean"]) <= FRAME_TOLERANCE


@pytest.mark.parametrize("model, name", CASES)
def test_rows_point_the_way_of_essentias(records, model, name):
    found, expected = records[model][name]["embeddings"], embeddings_of(EXPECTED[model][name])
    assert len(found) == len(expected)
    assert cosine(found, expected).min() >= least_cosine(name)


@pytest.mark.parametrize("model, name", CASES)
def test_embedding_points_the_way_of_the_mean_of_essentias_rows(records, model, name):
    expected = embeddings_of(EXPECTED[model][name]).mean(axis=0)
    assert cosine(records[model][name]["embedding"], expected) >= least_cosine(name)


@pytest.mark.parametrize("model, name", LOSSLESS_CASES)
def test_tags_are_the_means_of_essentias_activations(records, model, name):
    tags = [records[model][name]["tags"][label] for label in labels(model)]
    assert largest_difference(tags, tags_of(EXPECTED[model][name])) <= TAG_TOLERANCE


@pytest.mark.parametrize("name", [name for model, name in LOSSLESS_CASES if model == MUSICNN])
def test_activations_of_every_row_are_essentias(records, name):
    found, expected = (source[MUSICNN][name]["activations"] for source in (records, EXPECTED))
    assert largest_difference(found, expected) <= TAG_TOLERANCE


def test_sinc_resampler_gives_the_means_that_essentias_gives(audio, tmp_path):
    model = copy_of_model(tmp_path)
    replace_in_manifest(model, 'resampler = "linear"', 'resampler = "sinc-medium"')
    names = [name for name, expected in EXPECTED[MUSICNN].items() if "sinc_mean_embeddings" in expected]
    assert len(names) == len(FRONT_END)
    for name, record in embed_by_name({name: audio[name] for name in names}, "-m", model).items():
        expected = EXPECTED[MUSICNN][name]
        assert cosine(record["embedding"], expected["sinc_mean_embeddings"]) >= LOSSLESS_COSINE, name
        tags = [record["tags"][label] for label in labels(MUSICNN)]
        assert largest_difference(tags, expected["sinc_mean_activations"]) <= TAG_TOLERANCE, name


@pytest.mark.parametrize("resampler", ["linear", "sinc-medium"])
def test_resampled_lengths_are_essentias(tmp_path, resampler):
    model = sample_counter(tmp_path, resampler)
    files = [tmp_path / f"{row['samples']} at {row['rate']}.wav" for row in COUNTS["lengths"]]
    for row, path in zip(COUNTS["lengths"], files):
        signals.write_wav(path, row["rate"], signals.noise(row["samples"]))
    lengths = [max(0, record["rows"] - 1) for record in embed(*files, "-m", model)]
    assert lengths == [row[resampler] for row in COUNTS["lengths"]]


@pytest.mark.parametrize("model, key", [(MUSICNN, "musicnn_rows"), (EFFNET, "effnet_rows")], ids=["musicnn", "effnet"])
def test_essentias_row_counts_on_request(counted, model, key):
    records = embed_by_name(counted, "-m", model, "--compat", "essentia")
    found = {samples: record["rows"] for samples, record in records.items()}
    assert found == {row["samples"]: row[key] for row in COUNTS["rows"]}


@pytest.mark.parametrize("model, patch, hop", [(MUSICNN, 187, 93), (EFFNET, 128, 62)], ids=["musicnn", "effnet"])
def test_every_whole_patch_is_a_row(counted, model, patch, hop):
    records = embed_by_name(counted, "-m", model)
    for row in COUNTS["rows"]:
        whole = 1 + (row["frames"] - patch) // hop if row["frames"] >= patch else 0
        assert records[row["samples"]]["rows"] == whole, f"{row['samples']} samples, {row['frames']} frames"


def test_essentias_row_count_changes_no_other_row(counted):
    """190 frames are two patches; without the last frame, they are one."""
    ours, theirs = (
        embed(counted[48384], "-m", EFFNET, "--rows", *options)[0] for options in ([], ["--compat", "essentia"])
    )
    assert (ours["rows"], theirs["rows"]) == (2, 1)
    for name in ("embeddings", "activations"):
        assert largest_difference(ours[name][:1], theirs[name]) <= 1e-5
