"""A small builder for ONNX graphs: operators are called like functions and return the name of what they compute."""

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8


class GraphBuilder:
    """Collects the nodes and weights of one graph in the order in which they are added."""

    def __init__(self, name: str):
        self._name = name
        self._nodes = []
        self._weights = {}
        self._inputs = []
        self._outputs = []

    def input(self, name: str, shape: list[int | str]) -> str:
        """Declares a float32 input. A string in `shape` names an axis of any size."""
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def output(self, name: str, shape: list[int | str]) -> None:
        """Declares the tensor `name`, computed by a node of that result name, as a float32 output."""
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def weight(self, name: str, values) -> str:
        """Stores a constant, of the type that `constant` gives it."""
        if name in self._weights:
            raise ValueError(f"graph '{self._name}': there are two constants named '{name}'")
        self._weights[name] = numpy_helper.from_array(constant(values), name)
        return name

    def op(self, kind: str, inputs: list[str], result: str, **attributes) -> str:
        """Adds one node that computes `result`, which names the node too."""
        self._nodes.append(helper.make_node(kind, inputs, [result], name=result, **attributes))
        return result

    def model(self, producer: str) -> onnx.ModelProto:
        """The finished model, checked, with the shapes of its tensors inferred."""
        graph = helper.make_graph(self._nodes, self._name, self._inputs, self._outputs, list(self._weights.values()))
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, producer_name=producer, opset_imports=[opset], ir_version=IR_VERSION)
        onnx.checker.check_model(model, full_check=True)
        return model


def constant(values) -> numpy.ndarray:
    """Values as a graph stores them, with at least one axis: integers as int64, everything else as float32."""
    array = numpy.asarray(values)
    kind = numpy.int64 if numpy.issubdtype(array.dtype, numpy.integer) else numpy.float32
    return numpy.ascontiguousarray(array, kind)


def serialise(model: onnx.ModelProto) -> bytes:
    """The bytes of an ONNX file; equal models give equal bytes."""
    return model.SerializeToString(deterministic=True)
