#!/usr/bin/env python3
"""Builds a classifier that works on the embeddings of Discogs-EffNet, with seeded weights.

    python converters/classifier_head.py --task danceability --extractor discogs-effnet-seeded -o models

It has the layers, tensors and labels of the published head of that task: a dense layer of 100 units with ReLU, then one
with softmax. The published weights may not be redistributed; what this head says means nothing, so its name ends in
"-seeded".
"""

import numpy
import onnx

from essentia_files import SeededModel, metadata, output_parser, parse_outputs, tensor, write_outputs
from onnx_graph import GraphBuilder, serialise

EMBEDDINGS = 1280
HIDDEN_UNITS = 100

# Embeddings deviate by about 0.4 from their means; this makes logits of them deviate by about 1.
LOGIT_GAIN = 5.0

# The labels of each task, in the order of the outputs; it differs from task to task.
CLASSES = {
    "danceability": ["danceable", "not_danceable"],
    "gender": ["female", "male"],
    "mood_acoustic": ["acoustic", "non_acoustic"],
    "mood_aggressive": ["aggressive", "not_aggressive"],
    "mood_electronic": ["electronic", "non_electronic"],
    "mood_happy": ["happy", "non_happy"],
    "mood_party": ["non_party", "party"],
    "mood_relaxed": ["non_relaxed", "relaxed"],
    "mood_sad": ["non_sad", "sad"],
    "timbre": ["bright", "dark"],
    "tonal_atonal": ["atonal", "tonal"],
    "voice_instrumental": ["instrumental", "voice"],
}

# Names of the input and the output in the ONNX files, and in those converted from TensorFlow.
TENSOR_NAMES = {
    "official": ("embeddings", "activations"),
    "tensorflow": ("model/Placeholder", "model/Softmax"),
}


def build(task: str, names: str, seed: int) -> onnx.ModelProto:
    """The graph: [batch, 1280] -> [batch, classes], rows that sum to 1."""
    generator = numpy.random.Generator(numpy.random.PCG64(seed))
    embeddings, activations = TENSOR_NAMES[names]
    graph = GraphBuilder(task)
    signal = graph.input(embeddings, ["batch", EMBEDDINGS])
    hidden = _dense(graph, generator, signal, (EMBEDDINGS, HIDDEN_UNITS), 1.0, "hidden")
    hidden = graph.op("Relu", [hidden], "hidden_active")
    logits = _dense(graph, generator, hidden, (HIDDEN_UNITS, len(CLASSES[task])), LOGIT_GAIN, "logits")
    graph.op("Softmax", [logits], activations, axis=1)
    graph.output(activations, ["batch", len(CLASSES[task])])
    return graph.model("vivace")


def _dense(
    graph: GraphBuilder, generator: numpy.random.Generator, signal: str, shape: tuple[int, int], gain: float, name: str
) -> str:
    """signal @ kernel + bias. Each column of the kernel sums to 0, so that what all inputs share does not decide."""
    kernel = generator.normal(0, gain * shape[0] ** -0.5, shape)
    kernel = graph.weight(f"{name}_kernel", kernel - kernel.mean(axis=0))
    product = graph.op("MatMul", [signal, kernel], f"{name}_product")
    return graph.op("Add", [product, graph.weight(f"{name}_bias", generator.normal(0, 0.1, shape[1]))], name)


def description(task: str) -> str:
    """One line for people."""
    return f"Head for {task.replace('_', ' ')} on Discogs-EffNet; its weights are seeded and mean nothing"


def manifest(task: str, extractor: str, names: str) -> dict:
    """The manifest of the model folder."""
    embeddings, activations = TENSOR_NAMES[names]
    return {
        "name": f"{task}-seeded",
        "task": "embed",
        "family": "embedding-head",
        "version": "1",
        "description": description(task),
        "licence": "Apache-2.0",
        "licence_url": "https://www.apache.org/licenses/LICENSE-2.0",
        "source": "converters/classifier_head.py",
        "extractor": {"name": extractor, "dimension": EMBEDDINGS},
        "tensors": {"input": embeddings, "activations": activations},
        "activations": {"kind": "softmax", "labels": CLASSES[task]},
    }


def essentia_metadata(task: str) -> dict:
    """The JSON file beside the ONNX file. As in the published ones, the shapes leave the batch axis out."""
    placeholder, softmax = TENSOR_NAMES["tensorflow"]
    predictions = tensor(softmax, [len(CLASSES[task])], op="Softmax", output_purpose="predictions")
    schema = {"inputs": [tensor(placeholder, [EMBEDDINGS])], "outputs": [predictions]}
    embedding_model = {"algorithm": "TensorflowPredictEffnetDiscogs", "model_name": "discogs-effnet-bs64-1", "link": ""}
    inference = {"algorithm": "TensorflowPredict2D", "embedding_model": embedding_model}
    return metadata(task.replace("_", " "), "Music classification", description(task), CLASSES[task], schema, inference)


def main() -> None:
    parser = output_parser("Build a classifier head with seeded weights.")
    parser.add_argument("--task", choices=sorted(CLASSES), default="danceability", help="what it tells apart")
    parser.add_argument("--extractor", default="discogs-effnet-seeded", help="the model whose embeddings it takes")
    parser.add_argument("--names", choices=sorted(TENSOR_NAMES), default="official", help="how its tensors are called")
    arguments = parse_outputs(parser)
    task = arguments.task
    model = SeededModel(
        graph=serialise(build(task, arguments.names, arguments.seed)),
        manifest=manifest(task, arguments.extractor, arguments.names),
        stem=f"{task}-discogs-effnet-1",
        metadata=essentia_metadata(task),
    )
    write_outputs(model, arguments.output, arguments.raw)


if __name__ == "__main__":
    main()
