import json

import numpy
import onnx
import pytest

import discogs_effnet
from model_checks import check_tensors, infer, open_session, read_manifest
from onnx_graph import serialise
from synthetic_music import log_mel_clips

# EfficientNet-B0 has 5,288,548 trained weights. Folding removes the scales of its 21,008 normalised channels, one input
# channel instead of three removes 576 weights of the stem, and the classifier has 400 outputs instead of 1000.
WEIGHTS = 5_288_548 - 21_008 - 576 - 600 * 1281


@pytest.fixture(scope="module")
def model():
    return discogs_effnet.EffNetGraph(seed=1).build("batch")


@pytest.fixture(scope="module")
def session(model):
    return open_session(serialise(model))


@pytest.fixture(scope="module")
def patches():
    return log_mel_clips(16, discogs_effnet.PATCH_FRAMES, seed=5)


def test_graph_has_the_size_of_efficientnet_b0(model):
    floats = [weight for weight in model.graph.initializer if weight.data_type == onnx.TensorProto.FLOAT]
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
    discogs_effnet.write(serialise(model), 0, tmp_path, None)
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
    discogs_effnet.write(serialise(model), 0, None, tmp_path)
    fields = json.loads((tmp_path / "discogs-effnet-bsdynamic-1.json").read_text("utf-8"))
    assert fields["schema"]["inputs"][0]["name"] == "serving_default_melspectrogram"
    assert [output["shape"] for output in fields["schema"]["outputs"]] == [["batch_size", 400], ["batch_size", 1280]]
    assert len(fields["classes"]) == 400
    assert (tmp_path / "discogs-effnet-bsdynamic-1.onnx").read_bytes() == serialise(model)


def test_fixed_batch_takes_only_that_size(patches):
    session = open_session(serialise(discogs_effnet.EffNetGraph(seed=1).build(16)))
    assert session.get_inputs()[0].shape == [16, 128, 96]
    assert infer(session, patches)[0].shape == (16, 1280)
    with pytest.raises(Exception, match="(?i)dimension"):
        infer(session, patches[:7])
