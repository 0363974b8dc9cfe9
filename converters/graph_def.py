"""Writes TensorFlow graphs (tensorflow.GraphDef, a protobuf message) without TensorFlow."""

import struct

import numpy as np

FLOAT, INT32, STRING = 1, 3, 7  # tensorflow.DataType


def varint(value):
    """A protobuf varint; negative values as 64-bit two's complement."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def integer(field, value):
    """A protobuf field that holds an integer."""
    return varint(field << 3) + varint(value)


def blob(field, content):
    """A protobuf field that holds bytes, text or a message."""
    content = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(content)) + content


class Type(int):
    """A tensorflow.DataType as the value of an attribute."""


class Shape(tuple):
    """A shape as the value of an attribute; -1 stands for any size."""


class Strings:
    """A text, or a list of texts, as a tensor."""

    def __init__(self, texts):
        self.shape = () if isinstance(texts, str) else (len(texts),)
        self.texts = [texts] if isinstance(texts, str) else texts


def shape_message(shape):
    """tensorflow.TensorShapeProto."""
    return b"".join(blob(2, integer(1, size)) for size in shape)


def tensor_message(array):
    """tensorflow.TensorProto of a float32 or int32 array, or of Strings."""
    if isinstance(array, Strings):
        return integer(1, STRING) + blob(2, shape_message(array.shape)) + b"".join(blob(8, t) for t in array.texts)
    kind = {np.dtype("float32"): FLOAT, np.dtype("int32"): INT32}[array.dtype]
    return integer(1, kind) + blob(2, shape_message(array.shape)) + blob(4, array.astype(array.dtype, "C").tobytes())


def list_message(values):
    """tensorflow.AttrValue.ListValue of types or of integers."""
    field = 6 if isinstance(values[0], Type) else 3
    return blob(field, b"".join(varint(v) for v in values))


def attribute_message(value):
    """tensorflow.AttrValue of a Python value; the type of the value chooses the member."""
    if isinstance(value, Type):
        return integer(6, value)
    if isinstance(value, Shape):
        return blob(7, shape_message(value))
    if isinstance(value, bool):
        return integer(5, value)
    if isinstance(value, int):
        return integer(3, value)
    if isinstance(value, float):
        return varint(4 << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, str):
        return blob(2, value)
    if isinstance(value, (np.ndarray, Strings)):
        return blob(8, tensor_message(value))
    return blob(1, list_message(value))


class GraphDef:
    """A tensorflow.GraphDef under construction."""

    def __init__(self):
        self._nodes = []

    def add(self, op, inputs=(), name=None, **attributes):
        """Appends a node and returns its name; T is float unless it is given, None where there is no T."""
        name = name or f"node_{len(self._nodes)}/{op}"
        if op not in ("Const", "Placeholder"):
            attributes = {"T": Type(FLOAT), **attributes}
        message = blob(1, name) + blob(2, op) + b"".join(blob(3, i) for i in inputs)
        for key, value in attributes.items():
            if value is None:
                continue
            message += blob(5, blob(1, key) + blob(2, attribute_message(value)))
        self._nodes.append(message)
        return name

    def constant(self, array):
        """Appends a constant; floats become float32, integers int32."""
        if isinstance(array, Strings):
            return self.add("Const", dtype=Type(STRING), value=array)
        array = np.asarray(array)
        array = array.astype(np.float32 if array.dtype.kind == "f" else np.int32)
        kind = FLOAT if array.dtype == np.float32 else INT32
        return self.add("Const", dtype=Type(kind), value=array)

    def serialize(self):
        """The bytes of the graph file."""
        return b"".join(blob(1, node) for node in self._nodes) + blob(4, integer(1, 561))
