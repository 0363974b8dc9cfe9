"""Builds graphs with seeded weights whose signals behave as in a trained network.

Each operator is run on a set of examples as soon as it is added, so that the next layer can be fitted to what it will
see: after a fitted convolution every channel has a mean near 0 and a deviation near 1, which is what batch
normalisation does in training.
"""

from dataclasses import dataclass

import numpy
import onnx
import onnxruntime

from onnx_graph import IR_VERSION, OPSET, GraphBuilder, constant, serialise

SIGNIFICANT_DIGITS = 5
SMALLEST_DEVIATION = 1e-3


@dataclass(frozen=True)
class Signal:
    """A tensor of the graph and its values on the examples."""

    name: str
    values: numpy.ndarray


class SeededGraph:
    """A graph and its examples.

    The same seed and examples give the same weights on the same machine. Processors differ in the last bits of what the
    examples give, and rounding keeps nearly all of these differences out of the weights.
    """

    def __init__(self, name: str, seed: int):
        self._graph = GraphBuilder(name)
        self._generator = numpy.random.Generator(numpy.random.PCG64(seed))

    def input(self, name: str, shape: list[int | str], examples: numpy.ndarray) -> Signal:
        """Declares the input; `examples` may have another batch size than the graph."""
        return Signal(self._graph.input(name, shape), examples)

    def output(self, signal: Signal, shape: list[int | str]) -> None:
        """Declares a signal as an output of the graph."""
        self._graph.output(signal.name, shape)

    def weight(self, name: str, values: numpy.ndarray) -> Signal:
        """A constant of the graph."""
        return Signal(self._graph.weight(name, values), constant(values))

    def normal(self, shape: tuple[int, ...], deviation: float = 1.0, mean: float = 0.0) -> numpy.ndarray:
        """The next random numbers of the seed."""
        return self._generator.normal(mean, deviation, shape)

    def op(self, kind: str, inputs: list[Signal], name: str, **attributes) -> Signal:
        """Adds an operator."""
        self._graph.op(kind, [signal.name for signal in inputs], name, **attributes)
        return Signal(name, _run_one(kind, [signal.values for signal in inputs], attributes))

    def random_convolution(self, signal: Signal, kernel_shape: tuple[int, ...], name: str) -> Signal:
        """A convolution with a random kernel [outputs, inputs, height, width], as it is, and a bias of zero."""
        kernel = self.normal(kernel_shape, numpy.prod(kernel_shape[1:]) ** -0.5)
        bias = numpy.zeros(kernel_shape[0])
        return self.op("Conv", [signal, self.weight(f"{name}_kernel", kernel), self.weight(f"{name}_bias", bias)], name)

    def fitted_convolution(self, signal: Signal, kernel_shape: tuple[int, ...], name: str, **attributes) -> Signal:
        """A convolution with a random kernel [outputs, inputs a group, height, width] and normalised channels."""
        kernel = self.normal(kernel_shape, numpy.prod(kernel_shape[1:]) ** -0.5).astype(numpy.float32)
        raw = _run_one("Conv", [signal.values, kernel], attributes)
        scale, shift = fit(raw, axes=(0, 2, 3), mean=self.normal(kernel_shape[:1], 0.2), deviation=1.0)
        weights = [
            self.weight(f"{name}_kernel", kernel * scale[:, None, None, None]),
            self.weight(f"{name}_bias", shift),
        ]
        return self.op("Conv", [signal, *weights], name, **attributes)

    def model(self) -> onnx.ModelProto:
        """The finished model."""
        return self._graph.model("vivace")


def fit(
    values: numpy.ndarray, axes: tuple[int, ...], mean: numpy.ndarray, deviation: float
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """(scale, shift) that give each channel of `values` the mean and deviation wanted over `axes`.

    Both are rounded, so that the last bits, in which processors differ, hardly ever reach the weights.
    """
    exact = values.astype(numpy.float64)
    scale = _rounded(deviation / numpy.maximum(exact.std(axis=axes), SMALLEST_DEVIATION))
    return scale, _rounded(mean - exact.mean(axis=axes) * scale)


def _rounded(values: numpy.ndarray) -> numpy.ndarray:
    """To five significant digits, and at most four decimals."""
    magnitude = numpy.floor(numpy.log10(numpy.maximum(numpy.abs(values), 1.0)))
    unit = 10.0 ** (magnitude + 1 - SIGNIFICANT_DIGITS)
    return numpy.round(values / unit) * unit


def _run_one(kind: str, inputs: list[numpy.ndarray], attributes: dict) -> numpy.ndarray:
    """The result of a single operator."""
    names = [f"input_{index}" for index in range(len(inputs))]
    node = onnx.helper.make_node(kind, names, ["output"], **attributes)
    graph = onnx.helper.make_graph(
        [node],
        "one",
        [
            onnx.helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(values.dtype), values.shape)
            for name, values in zip(names, inputs)
        ],
        [onnx.helper.make_tensor_value_info("output", onnx.TensorProto.FLOAT, None)],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    session = onnxruntime.InferenceSession(serialise(model), providers=["CPUExecutionProvider"])
    return session.run(None, dict(zip(names, inputs)))[0]
