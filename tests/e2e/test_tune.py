"""`vivace tune`: what it measures, keeps and hands on."""

import json

import pytest

from models import tiny_graph
from program import EFFNET, MUSICNN, NOTHING_COULD_RUN, USAGE, embed, environment, vivace

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


def test_for_latency_one_row_runs_at_a_time(net):
    result = tuned(net, *SHAPE, *BRIEFLY, "--for", "latency", "--no-keep")
    assert {(trial["batch"], trial["workers"]) for trial in result["trials"]} == {(1, 1)}


@pytest.mark.parametrize("model", [MUSICNN, EFFNET])
def test_installed_models_need_no_shapes_and_embed_takes_the_result(model, tmp_path, song):
    env = environment(XDG_CACHE_HOME=str(tmp_path))
    plain = embed("-m", model, song, env=env)
    result = tuned(model, "--budget", "1", "--backend", "onnxruntime", "--batches", "2", env=env)
    assert result["kept"] and result["best"]["batch"] == 2
    entry = json.loads(next((tmp_path / "vivace/tuned").glob("*.json")).read_text("utf-8"))
    assert entry["layout"] == result["best"]["layout"] and entry["batch"] == 2
    after = embed("-m", model, song, env=env)
    assert after[0]["embedding"] == pytest.approx(plain[0]["embedding"], abs=1e-4)


def test_a_cache_that_cannot_be_written_is_told(net):
    done = vivace("tune", net, *SHAPE, *BRIEFLY, "--batches", "1")
    assert "cannot be kept" in done.stderr and "best:" in done.stdout


@pytest.mark.parametrize("option", [["--budget", "0"], ["--batches", "0"], ["--for", "fame"], ["--budget", "1y"]])
def test_absurd_options_are_refused(net, option):
    vivace("tune", net, *SHAPE, *option, status=USAGE)


def test_what_is_missing_is_named(net):
    assert "no such file" in vivace("tune", "none.onnx", status=NOTHING_COULD_RUN).stderr
    assert "melspectrogram" in vivace("tune", net, "--budget", "1", status=USAGE).stderr
