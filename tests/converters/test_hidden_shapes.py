"""Graphs whose shapes ONNX Runtime cannot know compute the same."""

import numpy
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from hidden_shapes import hide_shapes

FLOAT = onnx.TensorProto.FLOAT


def reshaping(rows=1):
    """[rows, 6, 4] -> [rows, 8, 3], by way of Reshapes to shapes of both kinds of constants."""
    flat = numpy_helper.from_array(numpy.array([rows, -1]), "flat")
    there = helper.make_node("Constant", [], ["there"], value=numpy_helper.from_array(numpy.array([rows, 8, 3])))
    nodes = [
        helper.make_node("Sigmoid", ["x"], ["a"]),
        helper.make_node("Reshape", ["a", "flat"], ["b"]),
        helper.make_node("Sigmoid", ["b"], ["c"]),
        there,
        helper.make_node("Reshape", ["c", "there"], ["d"]),
        helper.make_node("Sigmoid", ["d"], ["y"]),
    ]
    inputs = [helper.make_tensor_value_info("x", FLOAT, [rows, 6, 4])]
    outputs = [helper.make_tensor_value_info("y", FLOAT, [rows, 8, 3])]
    graph = helper.make_graph(nodes, "reshaping", inputs, outputs, [flat])
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])


def run(model, x):
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


def fixed_shapes(model):
    """The tensors inside the graph of which shape inference finds all lengths."""
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph.value_info
    floats = [value for value in inferred if value.type.tensor_type.elem_type == FLOAT]
    return {value.name for value in floats if all(d.HasField("dim_value") for d in value.type.tensor_type.shape.dim)}


def test_result_is_the_same():
    x = numpy.random.default_rng(1).normal(size=(1, 6, 4)).astype(numpy.float32)
    assert numpy.array_equal(run(hide_shapes(reshaping(), least=24), x), run(reshaping(), x))


def test_shapes_behind_a_reshape_are_not_known():
    assert fixed_shapes(reshaping()) == {"a", "b", "c", "d"}
    assert fixed_shapes(hide_shapes(reshaping(), least=24)) == {"a"}


def test_small_tensors_are_left_to_the_plan():
    assert fixed_shapes(hide_shapes(reshaping(), least=25)) == {"a", "b", "c", "d"}


def test_shapes_that_are_computed_are_left_alone():
    model = reshaping()
    model.graph.node[1].input[1] = "computed"
    model.graph.node.insert(0, helper.make_node("Shape", ["x"], ["computed"]))
    hide_shapes(model, least=24)
    assert [node.input[1] for node in model.graph.node if node.op_type == "Reshape"] == ["computed", "there_hidden"]


@pytest.mark.parametrize("twice", [False, True])
def test_graphs_without_such_shapes_stay_as_they_are(twice):
    model = reshaping()
    if twice:
        hide_shapes(model, least=24)
    else:
        del model.graph.node[1:]
        model.graph.output[0].name = "a"
    before = model.SerializeToString()
    assert hide_shapes(model, least=24).SerializeToString() == before
