"""Lets ONNX Runtime give memory back while a large graph runs.

Where it knows the shapes of tensors, ONNX Runtime plans which buffer a later tensor of the same shape takes over, and
keeps the buffer until then. In a network whose second half mirrors its first one that is nearly all of the first half's
memory, for nearly all of the time. A buffer whose shape is not known is given back as soon as nobody reads it.

The plan takes longer the more of such buffers there are, when the graph is loaded, so that small ones are left to it.
"""

import math

import numpy
import onnx
from onnx import helper, numpy_helper

ONE, FIRST_ROW, FIRST_AXIS = "hidden_one", "hidden_first_row", "hidden_first_axis"
LEAST = 1 << 18  # numbers in a tensor


def hide_shapes(model: onnx.ModelProto, least: int = LEAST) -> onnx.ModelProto:
    """Multiplies what a Reshape to at least so many numbers is told by a 1 that is only known when the graph runs.
    Changes `model`, whose first input must have one row, and returns it. What the graph computes stays the same."""
    graph = model.graph
    constants = {node.output[0] for node in graph.node if node.op_type == "Constant"}
    constants |= {tensor.name for tensor in graph.initializer}
    sizes = _known_sizes(model)
    hidden = {}
    for node in graph.node:
        is_large = sizes.get(node.output[0], 0) >= least
        if node.op_type == "Reshape" and node.input[1] in constants and is_large:
            node.input[1] = hidden.setdefault(node.input[1], f"{node.input[1]}_hidden")
    if not hidden:
        return model
    products = [helper.make_node("Mul", [shape, ONE], [name], name=name) for shape, name in hidden.items()]
    _insert(graph, [*_one(graph), *products])
    del graph.value_info[:]
    return model


def _known_sizes(model: onnx.ModelProto) -> dict[str, int]:
    """How many numbers tensors have, where shape inference finds out."""
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    shapes = {value.name: value.type.tensor_type.shape.dim for value in [*inferred.value_info, *inferred.output]}
    return {
        name: math.prod(length.dim_value for length in shape)
        for name, shape in shapes.items()
        if all(length.HasField("dim_value") for length in shape)
    }


def _one(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Nodes that compute the number of rows of the first input, which no shape inference finds out."""
    graph.initializer.append(numpy_helper.from_array(numpy.array([True]), FIRST_ROW))
    graph.initializer.append(numpy_helper.from_array(numpy.array([0]), FIRST_AXIS))
    rows, shape = f"{ONE}_rows", f"{ONE}_shape"
    return [
        helper.make_node("Compress", [graph.input[0].name, FIRST_ROW], [rows], axis=0, name=rows),
        helper.make_node("Shape", [rows], [shape], name=shape),
        helper.make_node("Gather", [shape, FIRST_AXIS], [ONE], name=ONE),
    ]


def _insert(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> None:
    """Puts nodes in front of all but the constants."""
    others = list(graph.node)
    del graph.node[:]
    graph.node.extend(node for node in others if node.op_type == "Constant")
    graph.node.extend(nodes)
    graph.node.extend(node for node in others if node.op_type != "Constant")
