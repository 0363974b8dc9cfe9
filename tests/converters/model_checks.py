"""What several tests ask of a model."""

import hashlib
import tomllib

import onnxruntime


def open_session(model):
    """A session on one thread; `model` is a path or the bytes of a file."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    source = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def infer(session, values):
    """(embeddings, activations) of an extractor."""
    return session.run(["embeddings", "activations"], {"melspectrogram": values})


def read_manifest(folder):
    """The manifest of a model folder, after a check of its name and of every file that it lists."""
    manifest = tomllib.loads((folder / "model.toml").read_text("utf-8"))
    assert manifest["format"] == 1
    assert manifest["name"] == folder.name
    for entry in manifest["files"]:
        content = (folder / entry["path"]).read_bytes()
        assert entry["bytes"] == len(content)
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    return manifest


def check_tensors(folder, manifest):
    """The tensors and label count that the manifest names are those of the graph."""
    session = open_session(folder / "model.onnx")
    outputs = {tensor.name: tensor.shape for tensor in session.get_outputs()}
    assert [tensor.name for tensor in session.get_inputs()] == [manifest["tensors"]["input"]]
    assert outputs[manifest["tensors"]["activations"]][1] == len(manifest["activations"]["labels"])
    if "embedding" in manifest:
        assert outputs[manifest["tensors"]["embeddings"]][1] == manifest["embedding"]["dimension"]
