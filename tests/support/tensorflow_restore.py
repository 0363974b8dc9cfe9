"""Restores the tensors of a checkpoint with TensorFlow's C API, which set-up puts under .deps/tensorflow."""

import ctypes
import math

import numpy

from graph_def import FLOAT, GraphDef, Strings, Type
from program import ROOT

LIBRARY = ROOT / ".deps/tensorflow/lib/libtensorflow_cc.so.2"


class Output(ctypes.Structure):
    """TF_Output."""

    _fields_ = [("operation", ctypes.c_void_p), ("index", ctypes.c_int)]


def load_library():
    library = ctypes.CDLL(str(LIBRARY))
    pointers = "NewStatus NewGraph NewSession NewSessionOptions NewImportGraphDefOptions NewBufferFromString"
    for name in [*pointers.split(), "GraphOperationByName", "TensorData"]:
        getattr(library, f"TF_{name}").restype = ctypes.c_void_p
    library.TF_Message.restype = ctypes.c_char_p
    library.TF_Dim.restype = ctypes.c_int64
    return library


def restore(prefix, names):
    """The float32 tensors with these names of the checkpoint with this prefix."""
    library = load_library()
    status = ctypes.c_void_p(library.TF_NewStatus())

    def require_success():
        assert library.TF_GetCode(status) == 0, library.TF_Message(status).decode()

    graph = ctypes.c_void_p(library.TF_NewGraph())
    definition = restoring_graph(prefix, names)
    buffer = ctypes.c_void_p(library.TF_NewBufferFromString(definition, ctypes.c_size_t(len(definition))))
    options = ctypes.c_void_p(library.TF_NewImportGraphDefOptions())
    library.TF_GraphImportGraphDef(graph, buffer, options, status)
    require_success()
    session_options = ctypes.c_void_p(library.TF_NewSessionOptions())
    session = ctypes.c_void_p(library.TF_NewSession(graph, session_options, status))
    require_success()
    operation = library.TF_GraphOperationByName(graph, b"restored")
    outputs = (Output * len(names))(*[Output(operation, index) for index in range(len(names))])
    tensors = (ctypes.c_void_p * len(names))()
    none = ctypes.c_void_p()
    library.TF_SessionRun(session, none, none, none, 0, outputs, tensors, len(names), none, 0, none, status)
    require_success()
    return [to_array(library, ctypes.c_void_p(tensor)) for tensor in tensors]


def restoring_graph(prefix, names):
    graph = GraphDef()
    inputs = [graph.constant(Strings(texts)) for texts in (str(prefix), names, [""] * len(names))]
    graph.add("RestoreV2", inputs, name="restored", T=None, dtypes=[Type(FLOAT)] * len(names))
    return graph.serialize()


def to_array(library, tensor):
    shape = [library.TF_Dim(tensor, axis) for axis in range(library.TF_NumDims(tensor))]
    values = ctypes.cast(library.TF_TensorData(tensor), ctypes.POINTER(ctypes.c_float))
    return numpy.ctypeslib.as_array(values, (math.prod(shape),)).reshape(shape).copy()
