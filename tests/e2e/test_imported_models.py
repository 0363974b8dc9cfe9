"""Models out of Essentia's pairs of graph and metadata: imported, run, and compared with what they must give."""

import math

import numpy
import pytest

from discogs_effnet import essentia_metadata
from essentia_files import BATCH_AXIS, write_pair
from models import TINY_LABELS, cut_into_frames, import_pair, import_published, import_tiny
from program import EFFNET, MODELS, convert, embed, environment
from records import VECTORS, assert_close, assert_same_numbers

HEAD = "danceability"

# Class of model -> bands, and frames and hop of its patches.
CLASSES = {
    "TensorflowPredictEffnetDiscogs": (96, 128, 62),
    "TensorflowPredictMusiCNN": (96, 187, 93),
    "TensorflowPredictVGGish": (64, 96, 93),
    "TensorflowPredictMAEST": (96, 1876, 1875),
}
SMALL, LARGE = "TensorflowPredictMusiCNN", "TensorflowPredictMAEST"


@pytest.fixture(scope="module")
def recording(melody, tmp_path_factory):
    """A WAV file of 30 s, just long enough for a patch of MAEST."""
    return melody.write(tmp_path_factory.mktemp("recording") / "recording.wav", 30)


def sigmoid(values):
    return 1 / (1 + numpy.exp(-values))


@pytest.mark.parametrize("algorithm", CLASSES)
def test_every_class_cuts_its_patches_out_of_its_frames(recording, tmp_path, algorithm):
    bands, length, hop = CLASSES[algorithm]
    (record,) = embed(recording, "-m", import_tiny(tmp_path / "patches", algorithm, bands), "--rows")
    by_frame = import_tiny(tmp_path / "more" / "frames", algorithm, bands)
    cut_into_frames(by_frame, length, hop)
    frames = numpy.array(embed(recording, "-m", by_frame, "--rows")[0]["embeddings"])
    starts = range(0, len(frames) - length + 1, hop)
    assert record["rows"] == len(starts) > 0
    assert_close(record["embeddings"], [frames[start : start + length].mean(axis=0) for start in starts])


def test_maest_sees_the_frames_of_musicnn_standardised(recording, tmp_path):
    """(x - mean) / (2 * deviation), with the mean and deviation that Essentia's TensorflowPredictMAEST has."""
    frames = {}
    for algorithm in (SMALL, LARGE):
        bands, length, hop = CLASSES[algorithm]
        model = import_tiny(tmp_path / "models", algorithm, bands)
        cut_into_frames(model, length, hop)
        frames[algorithm] = numpy.array(embed(recording, "-m", model, "--rows")[0]["embeddings"])
    assert_close(frames[LARGE], (frames[SMALL] - 2.06755686098554) / (2 * 1.268292820667291))


def test_activations_belong_to_the_embeddings_of_their_rows(song, tmp_path):
    (record,) = embed(song, "-m", import_tiny(tmp_path / "models", SMALL, 96), "--rows")
    means = numpy.mean(record["embeddings"], axis=1)
    assert_close(record["activations"], numpy.stack([sigmoid(means), sigmoid(-means)], axis=1))
    assert list(record["tags"]) == TINY_LABELS


def test_extractor_without_activations_gives_embeddings_and_no_tags(song, tmp_path):
    whole = import_tiny(tmp_path / "whole" / "models", SMALL, 96)
    part = import_tiny(tmp_path / "part" / "models", SMALL, 96, outputs=["embeddings"])
    (record,), (expected,) = (embed(song, "-m", model, "--rows") for model in (part, whole))
    assert (record["status"], record["rows"], record["dimension"]) == ("ok", expected["rows"], 96)
    assert_close(record["embeddings"], expected["embeddings"])
    assert_close(record["embedding"], expected["embedding"])
    assert not record["tags"] and not any(record["activations"])


def test_extractor_without_embeddings_gives_tags_and_no_embedding(song, tmp_path):
    whole = import_tiny(tmp_path / "whole" / "models", SMALL, 96)
    part = import_tiny(tmp_path / "part" / "models", SMALL, 96, outputs=["activations"])
    (record,), (expected,) = (embed(song, "-m", model, "--rows") for model in (part, whole))
    assert (record["status"], record["rows"], record["dimension"]) == ("ok", expected["rows"], 0)
    assert_close(record["activations"], expected["activations"])
    assert_close(list(record["tags"].values()), list(expected["tags"].values()))
    assert not record["embedding"] and not any(record["embeddings"])


@pytest.fixture(scope="module")
def fixed_batch(tmp_path_factory):
    """The seeded EffNet as a graph that takes 16 patches and no other number, as published ones do."""
    models = tmp_path_factory.mktemp("fixed") / "models"
    return import_published(models, "fixed", [], "discogs_effnet.py", "--fixed-batch", "16")


@pytest.mark.parametrize("rows", [1, 15, 16, 17])
def test_graph_of_a_fixed_batch_gives_the_rows_of_a_free_one(melody, fixed_batch, tmp_path, rows):
    assert "\nfixed_batch = 16\n" in (fixed_batch / "model.toml").read_text("utf-8")
    frames = 128 + 62 * (rows - 1)
    track = melody.write(tmp_path / "track.wav", (frames - 1) * 256 / 16000)
    found, expected = embed(track, "-m", fixed_batch, "--rows"), embed(track, "-m", EFFNET, "--rows")
    assert expected[0]["rows"] == rows
    assert_same_numbers(found, expected)


@pytest.fixture(scope="module")
def extractor(tmp_path_factory):
    """A folder of models with the installed seeded EffNet, imported in its published form as `extractor`."""
    folder = tmp_path_factory.mktemp("imported")
    graph = (MODELS / EFFNET / "model.onnx").read_bytes()
    write_pair(folder / "published", "effnet", graph, essentia_metadata(BATCH_AXIS))
    import_pair(folder / "models", "extractor", folder / "published")
    return folder / "models"


@pytest.fixture(scope="module")
def converted_head(tmp_path_factory):
    """A folder of models with a head as its converter writes it."""
    folder = tmp_path_factory.mktemp("head")
    convert("classifier_head.py", "--task", HEAD, "--extractor", EFFNET, "-o", folder)
    return folder


@pytest.mark.parametrize("names", ["official", "tensorflow"])
def test_imported_pairs_give_the_numbers_of_the_converters_models(song, extractor, converted_head, names):
    options = ["--extractor", "extractor"]
    import_published(extractor, f"head-{names}", options, "classifier_head.py", "--task", HEAD, "--names", names)
    found = embed(song, "-m", f"extractor+head-{names}", "--rows", env=environment(extractor))
    expected = embed(song, "-m", f"{EFFNET}+{HEAD}", "--rows", env=environment([MODELS, converted_head]))
    for name in VECTORS:
        assert_close(found[0][name], expected[0][name])


def test_row_rate_is_that_of_the_imported_patches(song, tmp_path):
    bands, _, hop = CLASSES["TensorflowPredictVGGish"]
    (record,) = embed(song, "-m", import_tiny(tmp_path / "models", "TensorflowPredictVGGish", bands))
    assert math.isclose(record["row_rate_hz"], 16000 / (160 * hop), rel_tol=1e-6)
