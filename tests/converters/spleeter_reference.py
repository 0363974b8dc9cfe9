"""The networks of Spleeter as they were published, layer by layer, as one plain graph."""

import numpy
import onnx

from onnx_graph import GraphBuilder

LAYERS = 6
SAME = [1, 1, 2, 2]
PARTS = ("weight", "bias", "running_mean", "running_var")


def published_graph(stems: list[dict[str, numpy.ndarray]]) -> onnx.ModelProto:
    """mag [batch, 2, 512, 1024] -> stems [batch, stems, 2, 512, 1024], from the weights of each stem by their names."""
    graph = GraphBuilder("published")
    magnitudes = graph.input("mag", ["batch", 2, 512, 1024])
    axis = graph.weight("stem_axis", [1])
    estimates = [_StemGraph(graph, f"stem{number}_", weights).add(magnitudes) for number, weights in enumerate(stems)]
    rows = [graph.op("Unsqueeze", [estimate, axis], f"{estimate}_row") for estimate in estimates]
    graph.op("Concat", rows, "stems", axis=1)
    graph.output("stems", ["batch", len(stems), 2, 512, 1024])
    return graph.model("vivace")


class _StemGraph:
    def __init__(self, graph: GraphBuilder, prefix: str, weights: dict[str, numpy.ndarray]):
        self._graph = graph
        self._prefix = prefix
        self._weights = weights

    def add(self, magnitudes: str) -> str:
        """Adds the network and returns the name of its estimate."""
        skips, picture = [], magnitudes
        for number in range(1, LAYERS + 1):
            skips.append(self._layer("Conv", picture, f"down{number}_conv.1", strides=[2, 2], pads=SAME))
            picture = self._op("LeakyRelu", [self._normalise(skips[-1], f"down{number}_act.0")], "leaky", alpha=0.2)
        picture = skips.pop()
        for number in range(1, LAYERS + 1):
            if number > 1:
                picture = self._op("Concat", [skips.pop(), picture], "joined", axis=1)
            raised = self._layer("ConvTranspose", picture, f"up{number}.0", strides=[2, 2], pads=SAME)
            picture = self._normalise(self._op("Relu", [raised], "relu"), f"up{number}.3")
        logits = self._layer("Conv", picture, "up7.0", dilations=[2, 2], pads=[3, 3, 3, 3])
        return self._op("Mul", [self._op("Sigmoid", [logits], "mask"), magnitudes], "estimate")

    def _layer(self, kind: str, picture: str, layer: str, **attributes) -> str:
        return self._op(kind, [picture, *self._constants(layer, PARTS[:2])], layer, **attributes)

    def _normalise(self, picture: str, layer: str) -> str:
        return self._op("BatchNormalization", [picture, *self._constants(layer, PARTS)], layer, epsilon=1e-3)

    def _constants(self, layer: str, parts: tuple[str, ...]) -> list[str]:
        return [self._graph.weight(f"{self._prefix}{layer}.{part}", self._weights[f"{layer}.{part}"]) for part in parts]

    def _op(self, kind: str, inputs: list[str], name: str, **attributes) -> str:
        return self._graph.op(kind, inputs, f"{inputs[0]}/{self._prefix}{name}", **attributes)
