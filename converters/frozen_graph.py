"""Writes a model's ONNX graph as a frozen TensorFlow graph, without TensorFlow.

usage: frozen_graph.py musicnn|effnet MODEL.onnx GRAPH.pb

MODEL takes patches [batch, frames, bands]; it is published_musicnn.py's graph or the one of a Discogs-EffNet. GRAPH has
the tensor names that Essentia's algorithms ask for.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from graph_def import FLOAT, INT32, GraphDef, Shape, Type

# Model kind -> (input node, its shape, ONNX output -> tensor of the frozen graph).
NAMES = {
    "musicnn": (
        "model/Placeholder",
        (-1, 187, 96),
        {"activations": "model/Sigmoid", "embeddings": "model/dense/BiasAdd"},
    ),
    "effnet": (
        "serving_default_melspectrogram",
        (64, 128, 96),
        {"activations": "PartitionedCall:0", "embeddings": "PartitionedCall:1"},
    ),
}
ELEMENTWISE = {"Add": "AddV2", "Mul": "Mul", "Relu": "Relu", "Sigmoid": "Sigmoid"}
IMAGE_AXES = {0: 0, 1: 3, 2: 1, 3: 2}  # axis of [batch, channels, height, width] -> axis in TensorFlow's layout


class Translator:
    """Turns ONNX nodes, in order, into TensorFlow nodes.

    Images, the tensors of rank 4, have their channels last, the only layout that TensorFlow's convolutions take on the
    CPU; all other tensors are as in ONNX.
    """

    def __init__(self, model):
        self.graph = GraphDef()
        model = onnx.shape_inference.infer_shapes(model)
        self._constants = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
        values = [*model.graph.input, *model.graph.value_info, *model.graph.output]
        self._shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in values}
        self._nodes = {}

    def bind(self, name, node):
        """Says that TensorFlow's `node` is the ONNX tensor `name`."""
        self._nodes[name] = node

    def node(self, name):
        """TensorFlow's node of an ONNX tensor that was bound or computed."""
        return self._nodes[name]

    def translate(self, node):
        """Appends what corresponds to an ONNX node; raises for an operation that the models here do not have."""
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type in ELEMENTWISE:
            result = self.graph.add(ELEMENTWISE[node.op_type], [self._nodes[i] for i in node.input])
        else:
            result = getattr(self, f"_{node.op_type.lower()}")(node, attributes)
        self.bind(node.output[0], result)

    def _is_image(self, name):
        return len(self._shapes[name]) == 4

    def _unsqueeze(self, node, _):
        axis = int(self._constants[node.input[1]].item())
        axis = IMAGE_AXES[axis] if self._is_image(node.output[0]) else axis
        return self.graph.add("ExpandDims", [self._nodes[node.input[0]], self.graph.constant(axis)], Tdim=Type(INT32))

    def _conv(self, node, attributes):
        kernel = self._constants[node.input[1]]
        strides = attributes.get("strides", [1, 1])
        top, left, bottom, right = attributes.get("pads", [0] * 4)
        x, padding = self._padded(self._nodes[node.input[0]], kernel, strides, [[top, bottom], [left, right]])
        steps = {"strides": [1, *strides, 1], "padding": padding}
        if attributes.get("group", 1) == 1:
            y = self.graph.add("Conv2D", [x, self.graph.constant(kernel.transpose(2, 3, 1, 0))], **steps)
        else:
            kernel = self.graph.constant(kernel.transpose(2, 3, 0, 1))  # depthwise: one kernel a channel
            y = self.graph.add("DepthwiseConv2dNative", [x, kernel], **steps)
        return self.graph.add("BiasAdd", [y, self.graph.constant(self._constants[node.input[2]])])

    def _padded(self, x, kernel, strides, pads):
        """The image and TensorFlow's padding for it: SAME where that means `pads`, otherwise VALID after zeros."""
        if not any(map(any, pads)):
            return x, "VALID"
        if all(s == 1 and p == [(k - 1) // 2, k // 2] for s, p, k in zip(strides, pads, kernel.shape[2:])):
            return x, "SAME"
        paddings = self.graph.constant([[0, 0], *pads, [0, 0]])
        return self.graph.add("Pad", [x, paddings], Tpaddings=Type(INT32)), "VALID"

    def _batchnormalization(self, node, attributes):
        x, epsilon = self._nodes[node.input[0]], attributes["epsilon"]
        parts = [self._constants[i] for i in node.input[1:]]
        if self._is_image(node.input[0]):
            inputs = [x, *map(self.graph.constant, parts)]
            return self.graph.add("FusedBatchNormV3", inputs, U=Type(FLOAT), epsilon=epsilon, is_training=False)
        gamma, beta, mean, variance = parts
        scale = gamma / np.sqrt(variance + np.float32(epsilon))
        y = self.graph.add("Mul", [x, self.graph.constant(scale)])
        return self.graph.add("AddV2", [y, self.graph.constant(beta - mean * scale)])

    def _maxpool(self, node, attributes):
        size, strides = ([1, *attributes[key], 1] for key in ("kernel_shape", "strides"))
        inputs = [self._nodes[node.input[0]]]
        return self.graph.add("MaxPool", inputs, ksize=size, strides=strides, padding="VALID")

    def _globalaveragepool(self, node, _):
        return self._reduced("Mean", node.input[0], [2, 3], True)

    def _reducemax(self, node, attributes):
        """The maximum over axes of an image, which are dropped."""
        return self._without_frames("Max", node, attributes)

    def _reducemean(self, node, attributes):
        """The mean over axes of an image, which are dropped."""
        return self._without_frames("Mean", node, attributes)

    def _without_frames(self, op, node, attributes):
        axes = attributes["axes"] if "axes" in attributes else self._constants[node.input[1]].tolist()
        reduced = self._reduced(op, node.input[0], axes, False)
        return self.graph.add("Transpose", [reduced, self.graph.constant([0, 2, 1])], Tperm=Type(INT32))

    def _reduced(self, op, name, axes, keep):
        inputs = [self._nodes[name], self.graph.constant([IMAGE_AXES[axis] for axis in axes])]
        return self.graph.add(op, inputs, keep_dims=keep, Tidx=Type(INT32))

    def _concat(self, node, attributes):
        axis = attributes["axis"]
        axis = IMAGE_AXES[axis] if self._is_image(node.output[0]) else axis
        inputs = [*(self._nodes[i] for i in node.input), self.graph.constant(axis)]
        return self.graph.add("ConcatV2", inputs, N=len(node.input), Tidx=Type(INT32))

    def _reshape(self, node, _):
        return self._reshaped(node.input[0], self._constants[node.input[1]])

    def _flatten(self, node, _):
        """An image of one pixel as a vector of its channels."""
        return self._reshaped(node.input[0], [-1, self._shapes[node.output[0]][1]])

    def _reshaped(self, name, shape):
        return self.graph.add("Reshape", [self._nodes[name], self.graph.constant(shape)], Tshape=Type(INT32))

    def _gemm(self, node, attributes):
        kernel, bias = (self._constants[i] for i in node.input[1:])
        kernel = kernel.T if attributes.get("transB", 0) else kernel
        y = self.graph.add("MatMul", [self._nodes[node.input[0]], self.graph.constant(kernel)])
        return self.graph.add("BiasAdd", [y, self.graph.constant(bias)])


@dataclass(frozen=True)
class Cut:
    """How a stretch of frames becomes patches."""

    frames: int
    hop: int

    def of(self, graph, stretch):
        """Appends what cuts [frames, bands] into [patches, frames a patch, bands]; returns the patches."""
        whole, index, axis = Type(INT32), graph.constant(0), graph.constant(0)
        shape = graph.add("Shape", [stretch], out_type=whole)
        gather = {"T": None, "Tindices": whole, "Taxis": whole}
        frames = graph.add("GatherV2", [shape, index, axis], Tparams=whole, **gather)
        advance = graph.add("Sub", [frames, graph.constant(self.frames - self.hop)], T=whole)
        hop = graph.constant(self.hop)
        count = graph.add("FloorDiv", [advance, hop], T=whole)
        numbers = graph.add("Range", [index, count, graph.constant(1)], T=None, Tidx=whole)
        starts = graph.add("Mul", [numbers, hop], T=whole)
        column = graph.add("ExpandDims", [starts, graph.constant(1)], T=whole, Tdim=whole)
        rows = graph.add("AddV2", [column, graph.constant(np.arange(self.frames))], T=whole)
        return graph.add("GatherV2", [stretch, rows, axis], Tparams=Type(FLOAT), **gather)


def frozen_graph(model, cut=None):
    """The bytes of the frozen graph of an ONNX model, under the model's own names of tensors.

    With `cut` it takes a stretch [frames, bands] and cuts the patches, which the model takes, itself.
    """
    (taken,) = model.graph.input
    shape = [d.dim_value or -1 for d in taken.type.tensor_type.shape.dim]
    translator = Translator(model)
    graph = translator.graph
    graph.add("Placeholder", name=taken.name, dtype=Type(FLOAT), shape=Shape([-1, shape[-1]] if cut else shape))
    translator.bind(taken.name, cut.of(graph, taken.name) if cut else taken.name)
    for node in model.graph.node:
        translator.translate(node)
    for output in model.graph.output:
        graph.add("Identity", [translator.node(output.name)], name=output.name)
    return graph.serialize()


def essentia_graph(kind, model):
    """The bytes of the frozen graph that Essentia loads; `kind` is a key of NAMES."""
    placeholder, shape, outputs = NAMES[kind]
    translator = Translator(model)
    graph = translator.graph
    graph.add("Placeholder", name=placeholder, dtype=Type(FLOAT), shape=Shape(shape))
    translator.bind(model.graph.input[0].name, placeholder)
    for node in model.graph.node:
        translator.translate(node)
    results = [translator.node(name) for name in outputs]
    if kind == "effnet":
        graph.add("IdentityN", results, name="PartitionedCall", T=[Type(FLOAT)] * len(results))
    else:
        for result, name in zip(results, outputs.values()):
            graph.add("Identity", [result], name=name)
    return graph.serialize()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=NAMES)
    parser.add_argument("model", type=Path)
    parser.add_argument("graph", type=Path)
    arguments = parser.parse_args()
    arguments.graph.write_bytes(essentia_graph(arguments.kind, onnx.load(arguments.model)))


if __name__ == "__main__":
    main()
