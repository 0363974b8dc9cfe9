"""The reader of TensorFlow checkpoints: whole ones, damaged ones, and the published checksums."""

import zipfile

import numpy
import pytest

from tensorflow_bundle import Bundle, BundleError, crc32c, open_bundle, open_bundle_in_zip
from tensorflow_restore import restore

PREFIX = "musicnn/MSD_musicnn/"


@pytest.fixture(scope="module")
def files(musicnn_wheel):
    """The bytes of index and data of a checkpoint."""
    with zipfile.ZipFile(musicnn_wheel) as members:
        return [members.read(PREFIX + suffix) for suffix in (".index", ".data-00000-of-00001")]


# RFC 3720, B.4.
@pytest.mark.parametrize(
    "data, checksum",
    [
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
    ],
)
def test_crc32c_has_the_published_values(data, checksum):
    assert crc32c(data) == checksum


def test_checkpoint_has_every_tensor_with_its_shape(files):
    bundle = Bundle(*files, "msd")
    assert len(bundle.names()) == 150
    assert bundle.tensor("conv2d_1/kernel").shape == (7, 67, 1, 204)
    assert bundle.tensor("dense/kernel").shape == (1506, 200)
    assert all(numpy.isfinite(bundle.tensor(f"conv2d_{index}/bias")).all() for index in range(1, 8))


def test_unpacked_checkpoint_equals_the_one_in_the_wheel(files, musicnn_wheel, tmp_path):
    for suffix, content in zip((".index", ".data-00000-of-00001"), files):
        (tmp_path / f"a b{suffix}").write_bytes(content)
    unpacked = open_bundle(str(tmp_path / "a b"))
    packed = open_bundle_in_zip(musicnn_wheel, PREFIX)
    assert unpacked.names() == packed.names()
    assert numpy.array_equal(unpacked.tensor("dense_1/kernel"), packed.tensor("dense_1/kernel"))


def test_unknown_tensor_is_named(files):
    with pytest.raises(BundleError, match="there is no tensor 'conv3d/kernel'"):
        Bundle(*files, "msd").tensor("conv3d/kernel")


def test_flipped_bit_in_the_values_is_found(files):
    index, data = files[0], bytearray(files[1])
    data[0] ^= 1
    with pytest.raises(BundleError, match="'batch_normalization/beta' is damaged"):
        Bundle(index, bytes(data), "msd").tensor("batch_normalization/beta")


def test_cut_values_are_found(files):
    with pytest.raises(BundleError, match="cut short"):
        Bundle(files[0], files[1][:1000], "msd").tensor("dense/kernel")


def test_any_damage_of_the_index_is_a_bundle_error_or_harmless(files):
    index, data = files
    sound = Bundle(index, data, "msd").names()
    generator = numpy.random.default_rng(1)
    for position in generator.integers(0, len(index), 300):
        damaged = bytearray(index)
        damaged[position] ^= 1 << generator.integers(0, 8)
        try:
            assert Bundle(bytes(damaged), data, "msd").names() == sound, f"byte {position}"
        except BundleError as error:
            assert str(error).startswith("msd.index: ")


@pytest.mark.parametrize("size", [0, 7, 47, 48, 1000])
def test_cut_index_is_a_bundle_error(files, size):
    with pytest.raises(BundleError, match="cut short"):
        Bundle(files[0][:size], files[1], "msd")


def test_missing_files_are_named(tmp_path):
    with pytest.raises(BundleError, match="nothing.index: no such file"):
        open_bundle(str(tmp_path / "nothing"))
    with pytest.raises(BundleError, match="cannot be read"):
        open_bundle_in_zip(tmp_path / "nothing.whl", PREFIX)


def test_values_equal_those_that_tensorflow_restores(files, tmp_path):
    for suffix, content in zip((".index", ".data-00000-of-00001"), files):
        (tmp_path / f"model{suffix}").write_bytes(content)
    bundle = Bundle(*files, "msd")
    names = ["conv2d/kernel", "dense/kernel", "batch_normalization_9/moving_variance"]
    for name, values in zip(names, restore(tmp_path / "model", names)):
        assert numpy.array_equal(bundle.tensor(name), values)
