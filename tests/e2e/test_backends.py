"""Backends, providers and precisions as the program offers them: parity, refusals, settings."""

import json
import shutil

import numpy
import pytest

from graph_def import FLOAT, blob, integer
from onnx_graph import GraphBuilder, serialise
from program import (
    EFFNET,
    MODELS,
    MUSICNN,
    NOTHING_COULD_RUN,
    PROGRAM,
    ROOT,
    SOME_FAILED,
    USAGE,
    embed,
    environment,
    vivace,
)

MUSIC = ROOT / "examples/music/Coherence.mp3"
PLUGIN = ROOT / ".deps/openvino-provider/lib/libonnxruntime_providers_openvino_plugin.so"
SAME = 1e-3
UINT8 = 2  # TensorProto.DataType


def candidates(*arguments, **options):
    """Name -> what doctor says about the candidate."""
    facts = json.loads(vivace("doctor", "--json", *arguments, **options).stdout)
    return {candidate["name"]: candidate for candidate in facts["candidates"]}


def compared(*arguments, **options):
    """Output -> its parity."""
    report = json.loads(vivace("model", "compare", *arguments, "--json", **options).stdout)
    return {output["output"]: output for output in report["outputs"]}


@pytest.mark.parametrize("backend", ["openvino", "tensorflow"])
@pytest.mark.parametrize("model", [MUSICNN, EFFNET])
def test_backends_agree_on_music(backend, model):
    outputs = compared(model, "--backend", "onnxruntime", "--backend-b", backend, "--input", MUSIC)
    assert outputs.keys() == {"embeddings", "activations"}
    for output in outputs.values():
        assert output["rows"] > 10
        assert output["max_abs"] < SAME
        assert output["cosine_min"] > 0.999999


def test_bf16_is_as_exact_as_the_manifest_asks():
    if "bf16" not in candidates()["openvino/cpu"]["precisions"]:
        pytest.skip("this CPU has no bfloat16")
    outputs = compared(
        MUSICNN, "--backend", "onnxruntime", "--backend-b", "openvino", "--precision-b", "bf16", "--input", MUSIC
    )
    assert min(output["cosine_min"] for output in outputs.values()) >= 0.9995


def test_comparison_says_what_was_compared():
    report = json.loads(
        vivace("model", "compare", MUSICNN, "--backend-b", "openvino", "--samples", "1", "--json").stdout
    )
    assert (report["placement_a"], report["placement_b"]) == ("onnxruntime/cpu", "openvino/cpu")


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino", "tensorflow"])
def test_record_names_the_file_that_ran(backend):
    (record,) = embed(MUSIC, "--model", MUSICNN, "--backend", backend)
    (usual,) = embed(MUSIC, "--model", MUSICNN)
    assert (record["model_sha256"] == usual["model_sha256"]) == (backend != "tensorflow")
    assert max(abs(record["tags"][tag] - value) for tag, value in usual["tags"].items()) < SAME


def test_doctor_lists_every_candidate_with_its_precisions():
    found = candidates()
    assert list(found)[-2:] == ["openvino/cpu", "tensorflow/cpu"]
    assert found["onnxruntime/cpu"]["precisions"] == ["fp32", "int8"]
    for candidate in found.values():
        assert candidate["accepted"] == (candidate["reason"] is None)
        assert candidate["accepted"] == bool(candidate["precisions"])


def test_plug_in_library_offers_a_device_or_says_why_not():
    found = candidates("--provider-library", f"mine={PLUGIN}")
    offered = [name for name in found if name.startswith("onnxruntime/openvino")]
    assert offered or "offers no device" in found["onnxruntime/mine"]["reason"]
    assert list(found).index("onnxruntime/cpu") > list(found).index(offered[0] if offered else "onnxruntime/mine")


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_quantized_graph_runs_in_int8(backend, tmp_path):
    graph = GraphBuilder("quantized")
    x = graph.input("x", ["rows", 4])
    scale = graph.weight("scale", [0.5])
    zero = graph.op("Cast", [graph.weight("zero", [0])], "zero_point", to=UINT8)
    quantized = graph.op("QuantizeLinear", [x, scale, zero], "quantized")
    graph.op("DequantizeLinear", [quantized, scale, zero], "y")
    graph.output("y", ["rows", 4])
    (tmp_path / "quantized.onnx").write_bytes(serialise(graph.model("test")))
    numpy.save(tmp_path / "x.npy", numpy.array([[0, 0.4, 1.1, 2]], "<f4"))
    outputs = compared(
        *(tmp_path / "quantized.onnx", "--input", tmp_path / "x.npy", "--tolerance", "0"),
        *("--precision", "int8", "--backend", backend, "--backend-b", "onnxruntime"),
    )
    assert outputs["y"]["rows"] == 1


def test_doctor_tells_where_nodes_run():
    facts = json.loads(vivace("doctor", "--model", MUSICNN, "--json").stdout)
    assert facts["placement"] == "onnxruntime/cpu"
    (provider,) = facts["providers"]
    assert provider["provider"] == "CPUExecutionProvider" and provider["nodes"] > 50
    named = json.loads(vivace("doctor", "--model", MUSICNN, "--nodes", "--backend", "openvino", "--json").stdout)
    assert any("Convolution" in name for name in named["providers"][0]["names"])


def test_doctor_says_why_it_names_no_nodes():
    arguments = ("doctor", "--model", MUSICNN, "--nodes", "--backend", "onnxruntime")
    assert json.loads(vivace(*arguments, "--json").stdout)["providers"][0]["names"] is None
    assert "names nodes only where providers share them" in vivace(*arguments).stdout


def test_session_settings_come_from_the_command_line_and_from_a_section_of_the_file(tmp_path):
    def nodes(*arguments):
        report = json.loads(vivace("doctor", "--model", MUSICNN, "--json", *arguments, cwd=tmp_path).stdout)
        return report["providers"][0]["nodes"]

    usual = nodes()
    without_layout = nodes("--session", "optimization.disable_specified_optimizers=NchwcTransformer")
    assert usual != without_layout
    settings = '[session]\noptimization.disable_specified_optimizers = "NchwcTransformer"\nunknown.key = 1\n'
    (tmp_path / "vivace.toml").write_text(settings)
    assert nodes() == without_layout


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--precision", "fp8"], USAGE, ["fp8", "bf16"]),
        (["--precision", "int8"], USAGE, ["quantize it first"]),
        (["--precision", "fp16", "--backend", "onnxruntime"], NOTHING_COULD_RUN, ["onnxruntime/cpu: its CPU kernels"]),
        (["--backend", "abacus"], NOTHING_COULD_RUN, ["abacus", "onnxruntime/cpu", "tensorflow/cpu"]),
        (["--session", "k" * 1500 + "=1"], USAGE, ["session setting 'kkk", "maximum length"]),
        (["--session", "novalue"], USAGE, ["novalue", "name=value"]),
        (["--provider-library", "mine=/nowhere/lib.so"], NOTHING_COULD_RUN, ["/nowhere/lib.so", "CreateEpFactories"]),
        (["--provider-library", f"mine={MUSIC}"], USAGE, ["Coherence.mp3", "is no provider library"]),
        (["--provider-library", "=x"], USAGE, ["name=value"]),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else None,
)
def test_what_cannot_be_is_refused_with_what_can(arguments, status, words):
    message = vivace("embed", MUSIC, "--model", MUSICNN, "--json", *arguments, status=status).stderr
    for word in words:
        assert word in message
    assert len(message) < 1500


def test_compare_ends_with_1_above_the_tolerance(tmp_path):
    graph = MODELS / EFFNET / "model.onnx"
    patches = numpy.random.default_rng(1).uniform(0, 3, (2, 128, 96)).astype("<f4")
    numpy.save(tmp_path / "patches.npy", patches)
    same = ("model", "compare", graph, graph, "--input", tmp_path / "patches.npy")
    assert "embeddings" in vivace(*same, "--tolerance", "0").stdout
    other = ("--backend-b", "openvino", "--tolerance", "1e-12")
    assert "above the tolerance" in vivace(*same, *other, status=SOME_FAILED).stderr


def square_root(path):
    """A graph that gives NaN for what is below zero."""
    graph = GraphBuilder("square root")
    graph.op("Sqrt", [graph.input("x", ["rows", 2])], "y")
    graph.output("y", ["rows", 2])
    path.write_bytes(serialise(graph.model("test")))
    return path


def test_compare_counts_rows_that_are_not_finite_and_lets_them_pass_no_tolerance(tmp_path):
    graph = square_root(tmp_path / "root.onnx")
    numpy.save(tmp_path / "x.npy", numpy.array([[1, 4], [-1, 4], [9, 4]], "<f4"))
    same = (graph, graph, "--input", tmp_path / "x.npy")
    parity = compared(*same)["y"]
    assert (parity["rows"], parity["not_finite"]) == (3, 1)
    assert (parity["cosine_min"], parity["mean_abs"], parity["max_abs"]) == (0, 0, "inf")
    assert parity["cosine_mean"] == pytest.approx(1)
    assert parity["worst"]["row"] == 1
    table = vivace("model", "compare", *same).stdout
    assert "not finite" in table and "nan" not in table
    for tolerance in ("0", "1e9"):
        done = vivace("model", "compare", *same, "--tolerance", tolerance, status=SOME_FAILED)
        assert "NaN or infinity in 1 of 3 rows, first in row 1" in done.stderr


def test_compare_offers_no_cache_as_it_takes_none():
    assert "--cache" not in vivace("model", "compare", "--help").stdout
    assert "--cache" in vivace("tune", "--help").stdout


def test_doctor_lists_no_provider_that_is_no_candidate():
    facts = json.loads(vivace("doctor", "--json").stdout)
    names = [provider.removesuffix("ExecutionProvider").lower() for provider in facts["onnxruntime"]["providers"]]
    assert {f"onnxruntime/{name}" for name in names} <= {candidate["name"] for candidate in facts["candidates"]}


def saved_model(folder, graph_def, inputs, outputs):
    """Writes a SavedModel without variables; `inputs` and `outputs`: name -> tensor of the graph."""

    def entries(field, tensors):
        infos = ((name, blob(1, tensor) + integer(2, FLOAT)) for name, tensor in tensors.items())
        return b"".join(blob(field, blob(1, name) + blob(2, info)) for name, info in infos)

    signature = entries(1, inputs) + entries(2, outputs) + blob(3, "tensorflow/serving/predict")
    meta_graph = blob(1, blob(4, "serve")) + blob(2, graph_def)
    meta_graph += blob(5, blob(1, "serving_default") + blob(2, signature))
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(integer(1, 1) + blob(2, meta_graph))
    return folder


def test_saved_model_goes_by_the_names_of_its_signature(tmp_path):
    frozen = MODELS / EFFNET / "model.pb"
    inputs, outputs = {"mel": "melspectrogram:0"}, {"tags": "activations:0"}
    folder = saved_model(tmp_path / "saved", frozen.read_bytes(), inputs, outputs)
    patches = numpy.random.default_rng(1).uniform(0, 3, (2, 128, 96)).astype("<f4")
    numpy.save(tmp_path / "patches.npy", patches)
    chosen = ("--backend", "tensorflow", "--input", tmp_path / "patches.npy", "--tolerance", "0")
    assert compared(folder, *chosen).keys() == {"tags"}


def test_what_is_no_tensorflow_graph_is_refused(tmp_path):
    for graph in (MODELS / EFFNET / "model.onnx", tmp_path):
        message = vivace("doctor", "--backend", "tensorflow", "--model", graph, status=NOTHING_COULD_RUN).stderr
        assert str(graph) in message


def test_compare_refuses_what_cannot_be_compared():
    message = vivace("model", "compare", MUSICNN, EFFNET, "--input", MUSIC, status=NOTHING_COULD_RUN).stderr
    assert "cannot be compared" in message


def test_backend_whose_library_is_not_there_says_how_to_get_it(tmp_path):
    for file in (PROGRAM.parents[1] / "lib").glob("libvivace.so*"):
        shutil.copy(file, tmp_path, follow_symlinks=True)
    reason = candidates(env=environment(LD_LIBRARY_PATH=str(tmp_path)))["openvino/cpu"]["reason"]
    assert "this build has no libvivace_openvino.so: run scripts/setup --openvino" in reason
