"""Models for tests: copies of installed ones, imported ones, and ones so small that one knows what they compute."""

import hashlib
import re
import shutil
from pathlib import Path

from essentia_files import metadata, tensor, write_pair
from model_folder import ModelFile, write_model_folder
from onnx_graph import GraphBuilder, serialise
from program import MODELS, MUSICNN, convert, environment, vivace

TINY_LABELS = ["loud", "quiet"]


def copy_of_model(folder, name=MUSICNN):
    """Copies an installed model into a folder of models and returns its path."""
    return Path(shutil.copytree(MODELS / name, folder / name))


def replace_in_manifest(model, old, new):
    """Changes a text that the manifest has once."""
    manifest = model / "model.toml"
    text = manifest.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {manifest}"
    manifest.write_text(text.replace(old, new), "utf-8")


def pin_graph(model):
    """Makes size and hash of the first file in the manifest, the graph, those of the one that is there."""
    graph = (model / "model.onnx").read_bytes()
    manifest = model / "model.toml"
    text = re.sub(r"(?m)^bytes = .*$", f"bytes = {len(graph)}", manifest.read_text("utf-8"), count=1)
    manifest.write_text(
        re.sub(r"(?m)^sha256 = .*$", f'sha256 = "{hashlib.sha256(graph).hexdigest()}"', text, count=1), "utf-8"
    )


def import_pair(models, name, folder, *options):
    """Imports the pair of graph and metadata in `folder` into the folder `models` and returns the model's path."""
    (graph,), (fields,) = folder.glob("*.onnx"), folder.glob("*.json")
    vivace("model", "import", graph, fields, "--name", name, *options, env=environment(models))
    return models / name


def import_published(models, name, options, converter, *arguments):
    """Has a converter make a model in its published form and imports that."""
    raw = models.parent / f"{name}-raw"
    convert(converter, *arguments, "--raw", raw)
    return import_pair(models, name, raw, *options)


def tiny_graph(bands, frames="frames", outputs=("embeddings", "activations"), batch="batch"):
    """The bytes of a graph for patches [batch, frames, bands], with some of its two outputs.

    The embedding [bands] is the mean over the frames of a patch, in bands; the activations are the sigmoids of the mean
    over the bands and of its negative.
    """
    graph = GraphBuilder("tiny")
    patches = graph.input("melspectrogram", [batch, frames, bands])
    means = graph.op("ReduceMean", [patches], "embeddings", axes=[1], keepdims=0)
    if "embeddings" in outputs:
        graph.output("embeddings", [batch, bands])
    if "activations" in outputs:
        kernel = graph.weight("kernel", [[1 / bands, -1 / bands]] * bands)
        graph.op("Sigmoid", [graph.op("MatMul", [means, kernel], "logits")], "activations")
        graph.output("activations", [batch, len(TINY_LABELS)])
    return serialise(graph.model("vivace"))


def import_tiny(models, algorithm, bands, outputs=("embeddings", "activations")):
    """Imports `tiny_graph` as a model of one of Essentia's classes and returns the model's path."""
    described = {
        "embeddings": tensor("embeddings", ["batch", bands], op="Flatten", output_purpose="embeddings"),
        "activations": tensor("activations", ["batch", 2], op="Sigmoid", output_purpose="predictions"),
    }
    schema = {"inputs": [tensor("melspectrogram", ["batch", -1, bands])], "outputs": [described[o] for o in outputs]}
    classes = TINY_LABELS if "activations" in outputs else []
    fields = metadata("tiny", "test", "tiny", classes, schema, {"algorithm": algorithm})
    raw = models.parent / f"{algorithm}-raw"
    write_pair(raw, "tiny", tiny_graph(bands, outputs=outputs), fields)
    return import_pair(models, algorithm, raw)


def cut_into_frames(model, frames, hop):
    """Makes every frame a patch of a tiny model, so that its rows are the frames; `frames` and `hop` are its own."""
    replace_in_manifest(model, f"\nframes = {frames}\n", "\nframes = 1\n")
    replace_in_manifest(model, f"\nhop = {hop}\n", "\nhop = 1\n")


def sample_counter(models, resampler):
    """Makes a model with as many rows as a track has samples at 16 kHz, and one more; none for no sample."""
    front_end = {
        "type": "log-mel",
        "window": "hann-symmetric",
        "frame": 16,
        "hop": 1,
        "fft": 16,
        "centred": True,
        "spectrum": "power",
        "mel_scale": "slaney",
        "bands": 1,
        "low_hz": 0.0,
        "high_hz": 8000.0,
        "slopes": "hz",
        "normalisation": "unit-area",
        "log": "log10",
        "add": 1.0,
    }
    manifest = {
        "name": f"counter-{resampler}",
        "task": "embed",
        "family": "mel-patch",
        "licence": "Apache-2.0",
        "audio": {"sample_rate": 16000, "resampler": resampler},
        "front_end": front_end,
        "patch": {"frames": 1, "hop": 1, "batch": 4096},
        "tensors": {"input": "melspectrogram", "embeddings": "embeddings"},
        "embedding": {"dimension": 1},
    }
    graph = ModelFile("graph", "model.onnx", tiny_graph(1, 1, ("embeddings",)))
    return write_model_folder(models, manifest, [graph])
