"""The seeded MDX-Net: size, behaviour, manifest."""

import numpy
import onnx
import pytest

import mdx_seeded
from model_checks import open_session, read_manifest

# Of the U-Net with 32 more channels a level, five halvings, blocks of three convolutions of 3 by 3 and two dense layers
# that narrow the bins to an eighth and are normalised, computed level by level.
LEVELS = [(32 * (level + 1), 2048 >> level) for level in range(6)]
BLOCKS = [*LEVELS, *LEVELS[:-1]]
WEIGHTS = (
    sum(3 * (9 * channels * channels + channels) + 2 * (bins * bins // 8 + 4 * channels) for channels, bins in BLOCKS)
    + sum(2 * 4 * inner * outer + inner + outer for (inner, _), (outer, _) in zip(LEVELS, LEVELS[1:]))
    + (4 * 32 + 32)
    + (32 * 4 + 4)
)


@pytest.fixture(scope="module")
def model():
    """The bytes of the graph."""
    return mdx_seeded.serialise(mdx_seeded.MdxGraph(mdx_seeded.SEED).build())


@pytest.fixture(scope="module")
def session(model):
    """A session of it."""
    return open_session(model)


def spectrum(loudest, seed=1):
    """Partials that decay over the bins, in noise, with the size of music's spectra."""
    generator = numpy.random.Generator(numpy.random.PCG64(seed))
    shape = (1, mdx_seeded.PARTS, mdx_seeded.BINS, mdx_seeded.FRAMES)
    decay = numpy.exp(-numpy.arange(mdx_seeded.BINS) / 200)[:, None]
    return (generator.normal(0, loudest / 4, shape) * decay).astype(numpy.float32)


def test_graph_has_the_size_of_the_vocal_models(model):
    weights = onnx.load_from_string(model).graph.initializer
    assert sum(numpy.prod(weight.dims, dtype=int) for weight in weights) == WEIGHTS
    assert 27e6 < len(model) < 30e6


def test_tensors_are_those_of_mdx_net(session):
    shape = ["batch", 4, 2048, 256]
    assert [(tensor.name, tensor.shape) for tensor in session.get_inputs()] == [("input", shape)]
    assert [(tensor.name, tensor.shape) for tensor in session.get_outputs()] == [("output", shape)]


@pytest.mark.parametrize("loudest", [1.0, 30.0, 300.0])
def test_output_is_of_the_order_of_the_input(session, loudest):
    values = spectrum(loudest)
    output = session.run(["output"], {"input": values})[0]
    assert 0.2 < output.std() / values.std() < 5


def test_output_depends_on_every_channel_and_silence_stays_silent(session):
    values = numpy.zeros_like(spectrum(30.0))
    assert not session.run(["output"], {"input": values})[0].any()
    whole = session.run(["output"], {"input": spectrum(30.0)})[0]
    muted = spectrum(30.0)
    muted[:, 3] = 0
    assert numpy.abs(session.run(["output"], {"input": muted})[0] - whole).max() > 0.1


def test_same_seed_gives_the_same_bytes(model):
    assert mdx_seeded.serialise(mdx_seeded.MdxGraph(mdx_seeded.SEED).build()) == model
    assert mdx_seeded.serialise(mdx_seeded.MdxGraph(mdx_seeded.SEED + 1).build()) != model


def test_folder_keeps_what_its_manifest_promises(model, tmp_path):
    folder = mdx_seeded.convert(tmp_path)
    manifest = read_manifest(folder)
    assert (folder / "model.onnx").read_bytes() == model
    assert (manifest["task"], manifest["family"]) == ("separate", "mdx")
    assert manifest["spectrum"] == {"fft": 6144, "hop": 1024, "bins": 2048, "frames": 256, "zeroed_bins": 3}
    assert manifest["separation"] == {"stems": ["vocals", "instrumental"], "compensate": 1.035}
