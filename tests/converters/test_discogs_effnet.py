"""The seeded Discogs-EffNet: size, behaviour, manifest and published form."""

import json

import numpy
import onnx
import pytest

import discogs_effnet
from essentia_files import write_outputs
from model_checks import check_tensors, infer, open_session, read_manifest
from synthetic_music import log_mel_clips

# EfficientNet-B0 has 5,288,548 trained weights. Folding removes the scales of its 21,008 normalised channels, one input
# channel instead of three removes 576 weights of the stem, and the classifier has 400 outputs instead of 1000.
WEIGHTS = 5_288_548 - 21_008 - 576 - 600 * 1281


@pytest.fixture(scope="module")
def model():
    """The model as set-up makes it."""
    return discogs_effnet.seeded_model(seed=1, fixed_batch=0)


@pytest.fixture(scope="module")
def session(model):
    """A session of its graph."""
    return open_session(model.graph)


@pytest.fixture(scope="module")
def patches():
    """Sixteen patches of music that it was not fitted to."""
    return log_mel_clips(16, discogs_effnet.PATCH_FRAMES, seed=5)


def test_graph_has_the_size_of_efficientnet_b0(model):
    weights = onnx.load_from_string(model.graph).graph.initializer
    floats = [weight for weight in weights if weight.data_type == onnx.TensorProto.FLOAT]
    assert sum(numpy.prod(weight.dims, dtype=int) for weight in floats) == WEIGHTS


@pytest.mark.parametrize("batch", [1, 7, 16])
def test_rows_do_not_depend_on_the_batch(session, patches, batch):
    embeddings, activations = infer(session, patches[:batch])
    whole = infer(session, patches)
    assert embeddings.shape == (batch, 1280) and activations.shape == (batch, 400)
    assert numpy.abs(embeddings - whole[0][:batch]).max() < 1e-4
    assert numpy.abs(activations - whole[1][:batch]).max() < 1e-5


def test_rows_depend_on_the_music(session, patches):
    embeddings, activations = infer(session, patches)
    directions = embeddings / numpy.linalg.norm(embeddings, axis=1, keepdims=True)
    assert numpy.median(directions @ directions.T) < 0.95
    assert 0.02 < activations.mean() < 0.2
    assert activations.std(axis=0).mean() > 0.03


def test_folder_keeps_what_its_manifest_promises(model, tmp_path):
    write_outputs(model, tmp_path, None)
    folder = tmp_path / "discogs-effnet-seeded"
    manifest = read_manifest(folder)
    check_tensors(folder, manifest)
    assert manifest["patch"] == {
        "frames": 128,
        "hop": 62,
        "cut_by": "host",
        "batch": 8,
        "fixed_batch": 0,
        "essentia_rows": "without-last-frame",
    }


def test_published_form_has_tensorflow_names_in_its_metadata(model, tmp_path):
    write_outputs(model, None, tmp_path)
    fields = json.loads((tmp_path / "discogs-effnet-bsdynamic-1.json").read_text("utf-8"))
    assert fields["schema"]["inputs"][0]["name"] == "serving_default_melspectrogram"
    assert [output["shape"] for output in fields["schema"]["outputs"]] == [["batch_size", 400], ["batch_size", 1280]]
    assert len(fields["classes"]) == 400
    assert (tmp_path / "discogs-effnet-bsdynamic-1.onnx").read_bytes() == model.graph


def test_same_seed_gives_the_same_bytes(model):
    assert discogs_effnet.seeded_model(seed=1, fixed_batch=0).graph == model.graph


def test_fixed_batch_takes_only_that_size(patches):
    session = open_session(discogs_effnet.seeded_model(seed=1, fixed_batch=16).graph)
    assert session.get_inputs()[0].shape == [16, 128, 96]
    assert infer(session, patches)[0].shape == (16, 1280)
    with pytest.raises(Exception, match="(?i)dimension"):
        infer(session, patches[:7])
