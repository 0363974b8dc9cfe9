"""Reads a checkpoint that is a zip file with one pickle of a dictionary of NumPy arrays, without unpickling anything.

PyTorch writes such a file when it is given arrays instead of tensors. A pickle is a program that may call anything, so
this one gets nothing to call: the four names that it needs stand for the harmless classes and functions below, which
check what they are given, and every other name is refused.
"""

import io
import math
import pickle
import zipfile

import numpy

MOST_BYTES = 256 << 20
MOST_DIMENSIONS = 8
SINGLE_PRECISION = ("f4", "<")


class CheckpointError(ValueError):
    """The checkpoint is damaged, or holds something else than arrays of float32."""


def read_arrays(content: bytes, name: str) -> dict[str, numpy.ndarray]:
    """The arrays of a checkpoint, by their names, read-only. `name` is what error messages call it."""
    try:
        return _arrays(_load(_pickle_in(content)))
    except CheckpointError as error:
        raise CheckpointError(f"{name}: {error}") from None
    except Exception as error:  # a damaged pickle may fail in any way
        raise CheckpointError(f"{name}: damaged or not a checkpoint: {error}") from None


def _pickle_in(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        pickles = [entry for entry in archive.infolist() if entry.filename.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise CheckpointError(f"there are {len(pickles)} files named 'data.pkl' in it, one is expected")
        if pickles[0].file_size > MOST_BYTES:
            raise CheckpointError(f"its pickle has {pickles[0].file_size} bytes, at most {MOST_BYTES} are read")
        return archive.read(pickles[0])


def _load(content: bytes):
    return _ArrayUnpickler(io.BytesIO(content)).load()


def _arrays(loaded) -> dict[str, numpy.ndarray]:
    if not isinstance(loaded, dict):
        raise CheckpointError("its pickle holds no dictionary")
    for name, array in loaded.items():
        if not isinstance(name, str) or not isinstance(array, _Array) or array.values is None:
            raise CheckpointError(f"entry {name!r} is not an array")
    return {name: array.values for name, array in loaded.items()}


class _Type:
    """Stands for `numpy.dtype`: made of ("f4", …), then told its byte order."""

    def __init__(self, code, *_):
        self.code = code
        self.order = None

    def __setstate__(self, state):
        self.order = state[1]


class _Array:
    """Stands for `numpy.ndarray`: made empty, then told (version, shape, type, Fortran order, bytes)."""

    values = None

    def __setstate__(self, state):
        _, shape, kind, fortran_order, raw = state
        if not isinstance(kind, _Type) or (kind.code, kind.order) != SINGLE_PRECISION or fortran_order:
            raise CheckpointError("an array is not of little-endian float32 in C order")
        if not isinstance(raw, bytes) or not _is_shape(shape) or 4 * math.prod(shape) != len(raw):
            raise CheckpointError(f"an array of shape {shape} does not have as many bytes as that needs")
        self.values = numpy.frombuffer(raw, "<f4").reshape(shape)


def _is_shape(shape) -> bool:
    return (
        isinstance(shape, tuple)
        and len(shape) <= MOST_DIMENSIONS
        and all(isinstance(size, int) and size >= 0 for size in shape)
    )


def _empty_array(*_) -> _Array:
    return _Array()


def _encode(text: str, encoding: str) -> bytes:
    """Protocol 2 keeps bytes as the text that Latin-1 makes of them."""
    if encoding != "latin1":
        raise CheckpointError(f"bytes are encoded as '{encoding}', not as 'latin1'")
    return text.encode("latin-1")


class _ArrayUnpickler(pickle.Unpickler):
    _STAND_INS = {
        ("numpy.core.multiarray", "_reconstruct"): _empty_array,
        ("numpy._core.multiarray", "_reconstruct"): _empty_array,
        ("numpy", "ndarray"): _Array,
        ("numpy", "dtype"): _Type,
        ("_codecs", "encode"): _encode,
    }

    def find_class(self, module, name):
        stand_in = self._STAND_INS.get((module, name))
        if stand_in is None:
            raise CheckpointError(f"its pickle asks for '{module}.{name}', which arrays do not need; it is not loaded")
        return stand_in

    def persistent_load(self, pid):
        raise CheckpointError("it holds tensors, not arrays")
