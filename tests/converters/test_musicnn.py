"""The rewritten MusiCNN against the network as it was published."""

import numpy
import pytest

import musicnn
from model_checks import check_tensors, infer, open_session, read_manifest
from musicnn_reference import Reference
from onnx_graph import serialise
from synthetic_music import log_mel_clips

# Embeddings lie within -25 ... 25, activations within 0 ... 1.
SAME_WEIGHTS = (1e-4, 1e-6)
DOUBLE_PRECISION = (1e-4, 1e-5)
MOST_PATCHES = 7


def stretch_of(patches):
    """[187 + 93 * (patches - 1), 96]: a piece of music."""
    return log_mel_clips(1, musicnn.PATCH_FRAMES + musicnn.PATCH_HOP * (patches - 1), seed=4)[0]


def cut(stretch, patches):
    starts = [musicnn.PATCH_HOP * number for number in range(patches)]
    return numpy.stack([stretch[start : start + musicnn.PATCH_FRAMES] for start in starts])


@pytest.fixture(scope="module")
def network(musicnn_bundle):
    """All weights of the checkpoint."""
    return musicnn.read_network(musicnn_bundle)


@pytest.fixture(scope="module")
def host_form(network):
    """The graph that takes patches."""
    return open_session(serialise(musicnn.MusicnnGraph(network).of_patches()))


@pytest.fixture(scope="module")
def graph_form(network):
    """The graph that takes a stretch."""
    return open_session(serialise(musicnn.MusicnnGraph(network).of_stretch()))


def assert_same(rows, expected, tolerances=SAME_WEIGHTS):
    for values, wanted, tolerance in zip(rows, expected, tolerances):
        assert values.shape == wanted.shape
        assert numpy.abs(values - wanted).max() <= tolerance


@pytest.mark.parametrize(
    "patch",
    [
        pytest.param(lambda: stretch_of(1), id="music"),
        pytest.param(lambda: numpy.zeros((187, 96), numpy.float32), id="silence"),
        pytest.param(lambda: numpy.full((187, 96), 6, numpy.float32), id="loudest noise"),
    ],
)
def test_host_form_equals_the_network_as_published(musicnn_bundle, host_form, patch):
    embeddings, activations = Reference(musicnn_bundle.tensor).run(patch())
    assert_same(infer(host_form, patch()[None]), (embeddings[None], activations[None]), DOUBLE_PRECISION)


@pytest.mark.parametrize("patches", [1, 2, 3, MOST_PATCHES])
def test_graph_form_equals_host_form(host_form, graph_form, patches):
    stretch = stretch_of(MOST_PATCHES)[: musicnn.PATCH_FRAMES + musicnn.PATCH_HOP * (patches - 1)]
    assert_same(infer(graph_form, stretch), infer(host_form, cut(stretch, patches)))


def test_frames_after_the_last_whole_patch_change_nothing(graph_form):
    stretch = stretch_of(2)
    longer = numpy.concatenate([stretch, stretch[: musicnn.PATCH_HOP - 1]])
    assert_same(infer(graph_form, longer), infer(graph_form, stretch))


def test_batch_of_seven_equals_seven_of_one(host_form):
    patches = cut(stretch_of(MOST_PATCHES), MOST_PATCHES)
    rows = [infer(host_form, patch[None]) for patch in patches]
    assert_same(infer(host_form, patches), [numpy.concatenate(values) for values in zip(*rows)])


def test_only_channels_that_do_nothing_are_left_out(network):
    for layer in network.timbre + network.rhythm + network.middle:
        dead = numpy.setdiff1d(numpy.arange(len(layer.bias)), layer.living())
        assert numpy.abs(layer.kernel[..., dead]).max(initial=0) < 1e-6


@pytest.mark.parametrize("patches", ["graph", "host"])
def test_folder_keeps_what_its_manifest_promises(musicnn_bundle, musicnn_dataset, patches, tmp_path):
    folder = musicnn.convert(musicnn_bundle, musicnn_dataset, patches, tmp_path)
    manifest = read_manifest(folder)
    check_tensors(folder, manifest)
    assert folder.name == f"{musicnn_dataset.lower()}-musicnn"
    assert manifest["patch"]["cut_by"] == patches
    assert len(set(manifest["activations"]["labels"])) == 50


def test_conversion_is_repeatable(network):
    models = [serialise(musicnn.MusicnnGraph(network).of_stretch()) for _ in range(2)]
    assert models[0] == models[1]
