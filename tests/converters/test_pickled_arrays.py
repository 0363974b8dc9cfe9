"""Checkpoints of arrays: what is read, and that nothing in a pickle is called."""

import io
import pickle
import zipfile

import numpy
import pytest

from pickled_arrays import CheckpointError, read_arrays


class Call:
    """Pickled as a call."""

    def __init__(self, function, *arguments):
        self._call = (function, arguments)

    def __reduce__(self):
        return self._call


def checkpoint(content, protocol=2):
    return zipped({"net/data.pkl": pickle.dumps(content, protocol), "net/version": b"3\n"})


def zipped(files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_arrays_survive():
    arrays = {
        "kernel": numpy.linspace(-3, 1e30, 24, dtype=numpy.float32).reshape(2, 3, 4),
        "bias": numpy.array([-0.0, numpy.inf], numpy.float32),
    }
    read = read_arrays(checkpoint(arrays), "net")
    assert list(read) == list(arrays)
    for name, array in arrays.items():
        assert read[name].shape == array.shape
        assert read[name].tobytes() == array.tobytes()


@pytest.mark.parametrize(
    "content, message",
    [
        pytest.param({"x": Call(print, "called")}, r"asks for '\w+\.print'", id="a call"),
        pytest.param({"x": Call(eval, "1 + 1")}, r"asks for '\w+\.eval'", id="an evaluation"),
        pytest.param({"x": numpy.float32}, "asks for 'numpy.float32'", id="another name of NumPy"),
        pytest.param({"x": numpy.zeros(2)}, "not of little-endian float32", id="double precision"),
        pytest.param({"x": numpy.zeros(2, ">f4")}, "not of little-endian float32", id="big-endian"),
        pytest.param({"x": numpy.zeros((2, 2), "f4", "F")}, "not of little-endian float32", id="Fortran order"),
        pytest.param({"x": numpy.array([None])}, "not of little-endian float32", id="objects"),
        pytest.param({"x": numpy.dtype("f4")}, "entry 'x' is not an array", id="a type"),
        pytest.param({"x": [1.0]}, "entry 'x' is not an array", id="a list"),
        pytest.param({1: numpy.zeros(2, "f4")}, "entry 1 is not an array", id="a numbered array"),
        pytest.param([numpy.zeros(2, "f4")], "no dictionary", id="no dictionary"),
    ],
)
def test_anything_else_is_refused(content, message, capsys):
    with pytest.raises(CheckpointError, match=f"^net: .*{message}"):
        read_arrays(checkpoint(content), "net")
    assert capsys.readouterr().out == ""


def test_array_of_too_few_bytes_is_refused():
    whole = pickle.dumps({"x": numpy.full(6, 1, "f4")}, 2)
    assert whole.count(b"K\x06") == 1
    with pytest.raises(CheckpointError, match="as many bytes"):
        read_arrays(zipped({"net/data.pkl": whole.replace(b"K\x06", b"K\x07")}), "net")


def test_every_cut_is_refused():
    whole = pickle.dumps({"x": numpy.full(6, 1, "f4")}, 2)
    for end in range(len(whole)):
        with pytest.raises(CheckpointError, match="^net: "):
            read_arrays(zipped({"net/data.pkl": whole[:end]}), "net")


@pytest.mark.parametrize(
    "content, message",
    [
        pytest.param(b"not a zip file", "damaged or not a checkpoint", id="no zip file"),
        pytest.param(zipped({"net/version": b"3\n"}), "there are 0 files named 'data.pkl'", id="no pickle"),
        pytest.param(zipped({"a/data.pkl": b"", "b/data.pkl": b""}), "there are 2 files", id="two pickles"),
    ],
)
def test_other_files_are_refused(content, message):
    with pytest.raises(CheckpointError, match=message):
        read_arrays(content, "net")
