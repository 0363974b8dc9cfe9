"""`vivace tune`: what it measures, keeps and hands on."""

import json
import re

import pytest

from models import tiny_graph
from program import EFFNET, MUSICNN, NOTHING_COULD_RUN, USAGE, embed, environment, vivace
from vectors import cosine

BANDS = 8
SHAPE = ["--shape", f"melspectrogram=1x5x{BANDS}"]
BRIEFLY = ["--budget", "0.5", "--backend", "onnxruntime"]


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """A model that costs nearly nothing."""
    path = tmp_path_factory.mktemp("net") / "net.onnx"
    path.write_bytes(tiny_graph(BANDS))
    return path


def tuned(*arguments, **options):
    return json.loads(vivace("tune", *arguments, "--json", **options).stdout)


def test_settings_are_measured_and_the_best_comes_first(net):
    result = tuned(net, *SHAPE, *BRIEFLY, "--batches", "1,4", "--no-keep")
    assert result["best"] == {key: result["trials"][0][key] for key in result["best"]}
    assert {trial["batch"] for trial in result["trials"]} == {1, 4}
    assert {trial["layout"] for trial in result["trials"]} == {"plain", "blocked"}
    assert result["trials"][0]["turns"] > 0 and not result["kept"]


def test_the_table_marks_the_best(net):
    lines = vivace("tune", net, *SHAPE, *BRIEFLY, "--batches", "1", "--no-keep").stdout.splitlines()
    assert "rows/s" in lines[0] and lines[1].strip().startswith("*")
    assert lines[-1].startswith("best: onnxruntime/cpu fp32")


def test_runs_of_microseconds_have_a_time(net):
    table = vivace("tune", net, *SHAPE, *BRIEFLY, "--for", "latency", "--no-keep").stdout
    times = re.findall(r"batch 1 +[\d.]+ +([\d.]+) +\d+", table)
    assert times and all(len(time.replace(".", "").lstrip("0")) == 3 for time in times)


def test_for_latency_one_row_runs_at_a_time(net):
    result = tuned(net, *SHAPE, *BRIEFLY, "--for", "latency", "--no-keep")
    assert {(trial["batch"], trial["workers"]) for trial in result["trials"]} == {(1, 1)}


@pytest.mark.parametrize("model", [MUSICNN, EFFNET])
def test_installed_models_need_no_shapes_and_embed_takes_the_result(model, tmp_path, song):
    env = environment(XDG_CACHE_HOME=str(tmp_path))
    plain = embed("-m", model, song, env=env)
    result = tuned(model, "--budget", "20", "--batches", "2", env=env)
    assert result["kept"] and result["best"]["batch"] == 2
    entry = json.loads(next((tmp_path / "vivace/tuned").glob("*.json")).read_text("utf-8"))
    assert entry["backend"] == result["best"]["backend"] and entry["batch"] == 2
    after = embed("-m", model, song, env=env)
    assert cosine(after[0]["embedding"], plain[0]["embedding"]) > 0.9995


def test_what_was_limited_by_options_is_not_kept(tmp_path):
    env = environment(XDG_CACHE_HOME=str(tmp_path))
    for option in (
        ["--backend", "openvino"],
        ["--precision", "fp32"],
        ["--session", "session.intra_op.allow_spinning=0"],
    ):
        done = vivace("tune", MUSICNN, "--budget", "0.5", "--batches", "1", *option, env=env)
        assert "not kept" in done.stderr
    assert not (tmp_path / "vivace/tuned").exists()


def test_lower_precisions_are_tried_where_the_manifest_allows_them():
    tried = {
        model: {
            trial["precision"] for trial in tuned(model, "--budget", "0.5", "--batches", "1", "--no-keep")["trials"]
        }
        for model in (MUSICNN, EFFNET)
    }
    bf16 = "bf16" in json.loads(vivace("doctor", "--json").stdout)["candidates"][-2]["precisions"]
    assert tried[EFFNET] == {"fp32"} and ("bf16" in tried[MUSICNN]) == bf16


def test_a_graph_of_another_backend_can_be_tuned():
    result = tuned(MUSICNN, "--backend", "tensorflow", "--budget", "0.5", "--batches", "1", "--no-keep")
    assert result["best"]["backend"] == "tensorflow"


def test_shapes_are_of_bare_graphs_and_their_first_axis_is_rows(net):
    message = vivace("tune", MUSICNN, "--shape", "melspectrogram=1x128x96", "--budget", "0.5", status=USAGE).stderr
    assert "bare graphs" in message
    result = tuned(net, "--shape", f"melspectrogram=9x5x{BANDS}", *BRIEFLY, "--batches", "1,64", "--no-keep")
    per_run = {trial["batch"]: trial["latency_s"] for trial in result["trials"] if trial["turns"]}
    assert per_run[64] > per_run[1], "a run of 64 rows takes longer than one of a row"


def test_a_cache_that_cannot_be_written_is_told(net):
    done = vivace("tune", net, *SHAPE, "--budget", "20", "--batches", "1")
    assert "cannot be kept" in done.stderr and "best:" in done.stdout


def test_what_the_budget_left_unmeasured_is_told_and_nothing_is_kept(tmp_path):
    env = environment(XDG_CACHE_HOME=str(tmp_path))
    done = vivace("tune", EFFNET, "--budget", "0.1", env=env)
    assert "settings were not measured within the budget" in done.stderr and "best:" in done.stdout
    assert not (tmp_path / "vivace/tuned").exists()


@pytest.mark.parametrize("goal", ["latency", "throughput"])
def test_a_graph_of_a_fixed_number_of_rows_is_tuned_with_them(tmp_path, goal):
    path = tmp_path / "fixed.onnx"
    path.write_bytes(tiny_graph(BANDS, frames=5, batch=3))
    result = tuned(path, *BRIEFLY, "--for", goal, "--no-keep")
    assert {trial["batch"] for trial in result["trials"]} == {3} and result["trials"][0]["turns"] > 0


@pytest.mark.parametrize("option", [["--budget", "0"], ["--batches", "0"], ["--for", "fame"], ["--budget", "1y"]])
def test_absurd_options_are_refused(net, option):
    vivace("tune", net, *SHAPE, *option, status=USAGE)


def test_what_is_missing_is_named(net):
    assert "no such file" in vivace("tune", "none.onnx", status=NOTHING_COULD_RUN).stderr
    assert "melspectrogram" in vivace("tune", net, "--budget", "1", status=USAGE).stderr


def test_a_second_shape_of_an_input_is_refused(net):
    assert "second shape" in vivace("tune", net, *SHAPE, *SHAPE, status=USAGE).stderr
