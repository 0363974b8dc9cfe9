"""`vivace bench run`: loads, sweeps, searches and what is written of them."""

import csv
import hashlib
import json
import platform
import re
import subprocess

import numpy
import pytest

from models import tiny_graph
from onnx_graph import GraphBuilder, serialise
from program import (
    ALL_GOOD,
    EFFNET,
    MODELS,
    MUSICNN,
    NOTHING_COULD_RUN,
    PATIENCE_S,
    PROGRAM,
    SOME_FAILED,
    SPLEETER,
    USAGE,
    environment,
    vivace,
)

BANDS = 8
SHAPE = ["--shape", f"melspectrogram=2x5x{BANDS}"]
BRIEFLY = ["--duration", "0.2", "--warm-up", "0.1"]
GRAPHS = {"onnxruntime": "model.onnx", "tensorflow": "model.pb"}  # files of MusiCNN


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """A model that costs nearly nothing."""
    path = tmp_path_factory.mktemp("net") / "net.onnx"
    path.write_bytes(tiny_graph(BANDS))
    return path


def bench(*arguments, **options):
    return vivace("bench", "run", *arguments, **options)


def result_of(*arguments, **options):
    return json.loads(bench(*arguments, "--json", **options).stdout)


def open_run(*arguments):
    """The run of an open load, also where a busy machine sent some of it late."""
    command = [PROGRAM, "bench", "run", *map(str, arguments), "--json"]
    done = subprocess.run(command, env=environment(), capture_output=True, timeout=PATIENCE_S, check=False)
    assert done.returncode in (ALL_GOOD, SOME_FAILED), done.stderr
    (run,) = json.loads(done.stdout)["runs"]
    return run


def only_run(*arguments, **options):
    (run,) = result_of(*arguments, **options)["runs"]
    return run


def test_closed_load_fills_the_result(net):
    result = result_of(net, *SHAPE, *BRIEFLY)
    (run,) = result["runs"]
    samples = run["samples"]
    assert (result["schema"], result["schema_version"]) == ("vivace-bench", 2)
    assert run["target"] == f"model {net}" and run["load"]["kind"] == "closed" and run["load"]["concurrency"] == 1
    assert run["settings"]["placement"] == "onnxruntime/cpu" and run["settings"]["batch"] == "2"
    assert samples["intended_ns"] == samples["sent_ns"] == sorted(samples["sent_ns"])
    assert all(sent <= done for sent, done in zip(samples["sent_ns"], samples["done_ns"]))
    assert set(samples["items"]) == {2} and not samples["failed"]
    assert run["duration_s"] >= 0.2 and run["load_model_s"] > 0 and run["first_s"] > 0 and run["cpu_s"] > 0
    assert set(run["stage_s"]) == {"queue", "prepare", "infer", "copy out"} and run["peak_resident_bytes"] > 1e6
    environment = result["environment"]
    assert environment["command"][:2] == ["bench", "run"] and environment["host"] == platform.node()
    assert environment["kernel"].split()[1] == platform.release()
    assert run["model_sha256"] == hashlib.sha256(net.read_bytes()).hexdigest()


def test_files_hold_what_is_printed(net, tmp_path):
    table = bench(
        net, *SHAPE, *BRIEFLY, "--callers", "1,2", "-o", tmp_path / "a.json", "--csv", tmp_path / "a.csv"
    ).stdout
    names = ["callers=1", "callers=2"]
    runs = json.loads((tmp_path / "a.json").read_text("utf-8"))["runs"]
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = table.splitlines()
    assert [run["name"] for run in runs] == [row["name"] for row in rows] == names
    assert [line.split()[0] for line in lines[2:4]] == names and lines[1].split()[0] == "setting"
    for run, row, line in zip(runs, rows, lines[2:4]):
        requests = len(run["samples"]["done_ns"])
        assert int(row["requests"]) == int(line.split()[1]) == requests
        assert float(row["rate_hz"]) == pytest.approx(requests / run["duration_s"], rel=1e-6)
        assert row["platform"].startswith("Linux") and row["provider"] == "cpu"


def test_the_table_tells_intervals_lags_and_stages_in_their_order(net):
    options = [*SHAPE, "--duration", "0.5", "--warm-up", "0.1"]
    table = bench(net, *options).stdout
    assert "service p50" in table and "p50 and p99 with their intervals of 95 %" in table
    assert re.search(r" \d\S* \(\S+–\S+\) ", table)
    stages = next(line for line in table.splitlines() if "stages: " in line)
    places = [stages.index(stage) for stage in ("queue", "prepare", "infer", "copy out")]
    assert places == sorted(places)
    command = [PROGRAM, "bench", "run", net, *options, "--rate", "50"]
    late = subprocess.run(list(map(str, command)), env=environment(), capture_output=True, text=True, check=False)
    assert re.search(r"sent late by: p50 \S+ [mµn]?s, p99 -, most ", late.stdout)
    assert "fewer than ten requests are slower" in late.stdout


@pytest.mark.parametrize("percentile", [50, 90, 95, 99])
def test_percentiles_are_those_of_the_samples(net, tmp_path, percentile):
    run = only_run(net, *SHAPE, *BRIEFLY, "--csv", tmp_path / "a.csv")
    times = numpy.subtract(run["samples"]["done_ns"], run["samples"]["intended_ns"]) / 1e9
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    truth = numpy.percentile(times, percentile, method="inverted_cdf")
    assert float(row[f"response_p{percentile}_s"]) == pytest.approx(truth, rel=1e-5, abs=1e-9)


def test_arrivals_are_those_of_the_seed(net):
    def intended(*options):
        return open_run(net, *SHAPE, *BRIEFLY, *options)["samples"]["intended_ns"]

    poisson = intended("--poisson", "200", "--seed", "7")
    assert poisson == intended("--poisson", "200", "--seed", "7") != intended("--poisson", "200", "--seed", "8")
    assert intended("--rate", "50") == [20_000_000 * i for i in range(10)]


def test_frames_of_streams_are_staggered(net):
    run = open_run(net, *SHAPE, *BRIEFLY, "--deadline", "25", "--streams", "2")
    assert run["samples"]["stream"] == [0, 1] * 5
    assert run["samples"]["intended_ns"] == [20_000_000 * i for i in range(10)]
    assert {"late_share", "jitter_s"} <= set(run["found"])


@pytest.mark.parametrize("scenario, figure", [("single-stream", "p90_s"), ("multi-stream", "p99_s")])
def test_scenario_that_is_too_brief_is_invalid(net, scenario, figure):
    done = bench(net, *SHAPE, *BRIEFLY, "--scenario", scenario, "--json", status=SOME_FAILED)
    (run,) = json.loads(done.stdout)["runs"]
    assert figure in run["found"] and len(run["samples"]["done_ns"]) >= 100
    assert "10 s at least" in run["problems"][0] and "10 s at least" in done.stderr


def test_offline_has_all_its_samples_at_once(net):
    run = only_run(net, *SHAPE, *BRIEFLY, "--scenario", "offline", "--max-batch", "8", status=SOME_FAILED)
    assert set(run["samples"]["intended_ns"]) == {0} and run["found"]["samples_per_s"] > 0


def test_bound_that_nothing_keeps_is_no_peak(net):
    run = only_run(net, *SHAPE, "--duration", "0.02", "--find-peak", "--latency-bound", "1e-9", status=SOME_FAILED)
    assert run["found"]["peak_rate_hz"] == 0 and "above the bound" in " ".join(run["problems"])


def test_sweep_is_one_table_with_reasons(net):
    sweep = ["--sweep", "batch=1,4", "--sweep", "backend=onnxruntime,abacus"]
    table = bench(net, *SHAPE, *BRIEFLY, *sweep, status=SOME_FAILED).stdout
    assert "batch=4 backend=onnxruntime" in table
    assert "batch=1 backend=abacus, batch=4 backend=abacus: INVALID: could not run: " in table


def test_sweep_tells_each_reason_once_and_in_short(net):
    sweep = ["--sweep", "batch=1,2,3,4,5", "--sweep", f"backend=onnxruntime,{'abacus' * 50}"]
    table = bench(net, *SHAPE, "--duration", "0.05", "--warm-up", "0", *sweep, status=SOME_FAILED).stdout
    (reason,) = [line for line in table.splitlines() if "could not run" in line]
    assert "abacus and 4 more: INVALID: could not run: " in reason
    assert len(reason.partition("INVALID: ")[2]) <= 160


def test_sweep_of_what_cannot_run_runs_nothing(net):
    bench(net, *SHAPE, *BRIEFLY, "--sweep", "backend=abacus,sliderule", status=NOTHING_COULD_RUN)
    assert "abacus" in bench(net, *SHAPE, "--backend", "abacus", status=NOTHING_COULD_RUN).stderr


def test_price_adds_what_bench_cost_tells(net, tmp_path):
    result = tmp_path / "result.json"
    price = ["--price", "€2.50/h", "--utilisation", "0.5"]
    table = bench(net, *SHAPE, *BRIEFLY, "--callers", "1,2", *price, "-o", result).stdout
    told = vivace("bench", "cost", result, *price).stdout
    assert "cost per million inferences" in told
    assert table.endswith(told.replace(f"{result}:", "cost:"))


def test_interleaved_models_are_two_runs(net):
    runs = result_of(net, *SHAPE, *BRIEFLY, "--interleave", net, "--slices", "3")["runs"]
    assert [run["name"][:2] for run in runs] == ["A:", "B:"]


def test_one_model_is_measured_in_turn_with_other_settings(net, tmp_path):
    turns = tmp_path / "turns.json"
    options = ["--interleave", "threads=2,batch=4", "--slices", "4", "--quiet"]
    bench(net, *SHAPE, *BRIEFLY, *options, "-o", turns)
    first, second = json.loads(turns.read_text("utf-8"))["runs"]
    assert second["name"] == f"B: model {net} threads=2 batch=4" and second["target"] == first["target"]
    assert [run["settings"]["batch"] for run in (first, second)] == ["2", "4"]
    assert "differs in batch: 2, then 4" in vivace("bench", "compare", turns).stdout


def test_what_is_passed_through_is_among_the_settings(net, tmp_path):
    plain, odd = tmp_path / "plain.json", tmp_path / "odd.json"
    bench(net, *SHAPE, *BRIEFLY, "-o", plain)
    pair = "session.disable_prepacking=1"
    bench(net, *SHAPE, *BRIEFLY, "--no-cache", "-o", odd, env=environment(VIVACE_SESSION=pair))
    said = vivace("bench", "compare", plain, odd).stdout
    assert f"differs in session: none, then {pair}" in said and "differs in cache: none, then off" in said


def test_pipelines_are_measured_in_turn(song):
    result = result_of("embed", song, "-m", MUSICNN, "--interleave", "batch=1", "--slices", "1", *BRIEFLY)
    assert [run["settings"]["batch"] for run in result["runs"]] == ["0", "1"]
    other = result_of("embed", song, "-m", MUSICNN, "--interleave", EFFNET, "--slices", "1", *BRIEFLY)
    assert [run["settings"]["model"] for run in other["runs"]] == [MUSICNN, EFFNET]
    assert other["runs"][0]["model_sha256"] != other["runs"][1]["model_sha256"]


def test_results_of_processes_that_ran_together_are_merged(net, tmp_path):
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    options = [*SHAPE, "--duration", "2", "--warm-up", "0", "--quiet", "-o"]
    command = [PROGRAM, "bench", "run", net, *options]
    both = [subprocess.Popen(list(map(str, [*command, path])), env=environment()) for path in paths]
    assert [process.wait(timeout=PATIENCE_S) for process in both] == [ALL_GOOD, ALL_GOOD]
    table = vivace("bench", "merge", *paths, "-o", tmp_path / "all.json").stdout
    first, second, whole = (json.loads(path.read_text("utf-8"))["runs"][0] for path in (*paths, tmp_path / "all.json"))
    assert f"model {net}" in table and whole["settings"]["generators"] == "2"
    assert json.loads(vivace("bench", "merge", *paths, "-o", "-").stdout)["runs"][0]["samples"] == whole["samples"]
    assert whole["load"]["concurrency"] == 2 and set(whole["samples"]["stream"]) == {0, 1}
    rates = [run["summary"]["rate_hz"] for run in (first, second)]
    assert whole["summary"]["rate_hz"] == pytest.approx(sum(rates), rel=0.5)
    alone = vivace("bench", "merge", paths[0], "-o", tmp_path / "one.json", status=USAGE)
    assert "two results" in alone.stderr and not (tmp_path / "one.json").exists()
    paths[1].write_bytes(paths[0].read_bytes())
    copied = vivace("bench", "merge", *paths, "-o", tmp_path / "one.json", status=USAGE)
    assert f"measurement that is in {paths[0]} too" in copied.stderr and not (tmp_path / "one.json").exists()


@pytest.mark.parametrize("form", ["npz", "compressed.npz", "npy", "column-major.npy", "folder"])
def test_recorded_inputs_are_what_is_sent(net, tmp_path, form):
    rows = numpy.arange(6 * 5 * BANDS, dtype="float32").reshape(6, 5, BANDS)
    path = tmp_path / f"recorded.{form}"
    if form == "npz":
        numpy.savez(path, melspectrogram=rows)
    elif form == "compressed.npz":
        numpy.savez_compressed(path, melspectrogram=rows)
    elif form == "npy":
        numpy.save(path, rows)
    elif form == "column-major.npy":
        numpy.save(path, numpy.asfortranarray(rows))
    else:
        path.mkdir()
        numpy.save(path / "melspectrogram.npy", rows)
    result = result_of(net, *BRIEFLY, "--input", path, "--batch", "2")
    digest = hashlib.sha256()
    for first in range(0, 6, 2):
        digest.update(f"melspectrogram float32 [2, 5, {BANDS}]\n".encode() + rows[first : first + 2].tobytes())
    assert result["runs"][0]["input_sha256"] == digest.hexdigest()


def test_a_run_that_the_runtime_refuses_is_told_once(tmp_path):
    graph = GraphBuilder("sum")
    inputs = [graph.input(name, [f"rows of {name}", f"columns of {name}"]) for name in "ab"]
    graph.output(graph.op("Add", inputs, "sum"), ["rows", "columns"])
    path = tmp_path / "sum.onnx"
    path.write_bytes(serialise(graph.model("vivace")))
    message = bench(path, "--shape", "a=2x3", "--shape", "b=2x4", status=NOTHING_COULD_RUN).stderr
    assert message.startswith(f"vivace: {path}: ONNX Runtime: ") and message.endswith(" 3 by 4\n")
    assert len(message.splitlines()) == 1


def test_damaged_archive_is_named(net, tmp_path):
    path = tmp_path / "a.npz"
    numpy.savez_compressed(path, melspectrogram=numpy.arange(5000 * BANDS, dtype="float32").reshape(1, 5000, BANDS))
    packed = bytearray(path.read_bytes())
    packed[100:5000] = bytes(4900)
    path.write_bytes(packed)
    message = bench(net, "--input", path, status=NOTHING_COULD_RUN).stderr
    assert "a.npz: melspectrogram.npy: cannot be unpacked" in message


def test_embed_is_measured_as_a_pipeline(song):
    result = result_of("embed", song, "-m", MUSICNN, "--threads", "1,2", "--duration", "0.5", "--warm-up", "0")
    assert [run["name"] for run in result["runs"]] == ["threads=1", "threads=2"]
    for run in result["runs"]:
        assert run["audio_s"] == pytest.approx(20 * len(run["samples"]["done_ns"]))
        assert set(run["stage_s"]) == {"decode", "resample", "mel", "model"}
    assert [run["load"]["concurrency"] for run in result["runs"]] == [1, 2]
    assert [run["settings"]["threads"] for run in result["runs"]] == ["1", "2"]


def test_separate_is_measured_as_a_pipeline(song):
    result = result_of("separate", song, "--threads", "1,2", "--duration", "0.5", "--warm-up", "0")
    for run in result["runs"]:
        assert run["audio_s"] == pytest.approx(20 * len(run["samples"]["done_ns"]))
        assert set(run["stage_s"]) == {"network"} and run["target"].startswith("separate ")
    assert [run["settings"]["threads"] for run in result["runs"]] == ["1", "2"]
    assert [run["settings"]["model"] for run in result["runs"]] == [SPLEETER] * 2
    assert "--batch" in bench("separate", song, "--batch", "2", *BRIEFLY, status=USAGE).stderr


def test_installed_model_goes_by_its_name():
    run = only_run(EFFNET, "--shape", "melspectrogram=1x128x96", *BRIEFLY)
    assert run["target"] == f"model {EFFNET}"


FRAMES, HOP = 187, 93  # of a patch of MusiCNN, and from one to the next; its graph cuts them


def frames_of(patches):
    return FRAMES + (patches - 1) * HOP


@pytest.fixture(scope="module")
def spectrogram(tmp_path_factory):
    """The bands of five patches and a bit."""
    path = tmp_path_factory.mktemp("recorded") / "mel.npz"
    values = numpy.random.default_rng(1).standard_normal((frames_of(5) + 20, 96))
    numpy.savez(path, melspectrogram=values.astype("float32"))
    return path


@pytest.mark.parametrize("patches", [1, 2])
def test_items_of_an_installed_model_are_its_patches_whatever_it_is_fed_with(spectrogram, patches):
    batch, shape = ["--batch", patches], ["--shape", f"melspectrogram={frames_of(patches)}x96"]
    for options in (batch, shape, [*batch, "--input", spectrogram], [*shape, "--input", spectrogram]):
        run = only_run(MUSICNN, *options, *BRIEFLY)
        assert set(run["samples"]["items"]) == {patches} and run["settings"]["batch"] == str(patches), options
    assert set(only_run(MUSICNN, "--input", spectrogram, *BRIEFLY)["samples"]["items"]) == {1}


def test_recorded_frames_are_cut_into_the_patches_that_the_manifest_says(spectrogram):
    values = numpy.load(spectrogram)["melspectrogram"]
    digest = hashlib.sha256()
    for first in (0, 2 * HOP):  # a fifth patch is too few for another request
        digest.update(f"melspectrogram float32 [{frames_of(2)}, 96]\n".encode())
        digest.update(values[first : first + frames_of(2)].tobytes())
    assert only_run(MUSICNN, "--input", spectrogram, "--batch", "2", *BRIEFLY)["input_sha256"] == digest.hexdigest()


def test_a_length_that_is_no_whole_number_of_patches_is_refused_with_what_fits(tmp_path):
    told = bench(MUSICNN, "--shape", "melspectrogram=561x96", *BRIEFLY, status=USAGE).stderr
    assert "[561, 96]" in told and "559 is 5" in told and "652 is 6" in told
    told = bench(MUSICNN, "--shape", "melspectrogram=1x96", *BRIEFLY, status=USAGE).stderr
    assert "187 is 1" in told
    numpy.save(tmp_path / "mel.npy", numpy.zeros((100, 96), "float32"))
    told = bench(MUSICNN, "--input", tmp_path / "mel.npy", *BRIEFLY, status=USAGE).stderr
    assert "[100, 96]" in told and "187" in told


@pytest.mark.parametrize(
    "model, options, told",
    [
        ("net", ["--callers", "2", "--max-batch", "3"], "each has 2 on the first axis of its inputs, so no two fit"),
        ("net", ["--callers", "1", "--max-batch", "8"], "no two waited at a time"),
        (
            MUSICNN,
            ["--callers", "2", "--max-batch", "8"],
            "each has 187 on the first axis of its inputs, and the model",
        ),
        (MUSICNN, ["--callers", "4", "--max-batch", "1496"], "gives other numbers of rows"),
    ],
    ids=str,
)
def test_a_max_batch_that_merges_nothing_says_why(net, model, options, told):
    target = [net, *SHAPE] if model == "net" else [model]
    done = bench(*target, *options, *BRIEFLY, "--json")
    (note,) = [note for note in json.loads(done.stdout)["runs"][0]["notes"] if "shared a run" in note]
    assert told in note
    assert "OrtValue" not in done.stderr


def test_a_max_batch_that_merges_or_was_not_asked_for_is_not_noted(net):
    shared = ["--callers", "4", "--max-batch", "8", "--max-delay-us", "100000"]
    for options in (shared, ["--callers", "4"]):
        assert "shared a run" not in " ".join(only_run(net, *SHAPE, *BRIEFLY, *options)["notes"])


@pytest.mark.parametrize("name, options", [("model.onnx", []), ("model.pb", ["--backend", "tensorflow"])])
def test_a_first_axis_that_was_a_guess_is_asked_for_where_the_graph_does_not_take_it(name, options):
    told = bench(MODELS / MUSICNN / name, *options, *BRIEFLY, status=NOTHING_COULD_RUN).stderr
    assert "--shape melspectrogram=?x96" in told


def test_a_backend_runs_the_file_that_the_manifest_has_for_it():
    hashes = {name: hashlib.sha256((MODELS / MUSICNN / name).read_bytes()).hexdigest() for name in GRAPHS.values()}
    for options in (
        ["--sweep", "backend=onnxruntime,tensorflow"],
        ["--backend", "onnxruntime", "--interleave", "backend=tensorflow", "--slices", "2"],
        ["--backend", "tensorflow"],
    ):
        for run in result_of(MUSICNN, *options, *BRIEFLY)["runs"]:
            backend = run["settings"]["backend"]
            assert run["model_sha256"] == hashes[GRAPHS[backend]] and not run["problems"]
        assert backend == "tensorflow"


@pytest.mark.parametrize(
    "options, told",
    [
        ([], f"--shape melspectrogram=1x?x{BANDS}"),
        (["--shape", "melspectrogram"], "name=1x128x96"),
        (["--shape", "melspectrogram=1x5x9"], "[1, 5, 9]"),
        (["--shape", "pitch=1x5x8"], "melspectrogram"),
        ([*SHAPE, *SHAPE], "second shape"),
        ([*SHAPE, "--output", "same", "--csv", "same"], "the file of --output"),
        ([*SHAPE, "--seed", "-1"], "--seed"),
        ([*SHAPE, "--find-peak"], "--latency-bound"),
        ([*SHAPE, "--streams", "2"], "--deadline"),
        ([*SHAPE, "--sweep", "colour=red,blue"], "colour"),
        ([*SHAPE, "--sweep", "batch"], "batch=1,2,4"),
        ([*SHAPE, "--batch", "many"], "many"),
        ([*SHAPE, "--callers", "0"], "from 1 to"),
        ([*SHAPE, "--poisson", "1", "--rate", "2"], "--rate"),
        ([*SHAPE, "--poisson", "0"], "--poisson"),
        ([*SHAPE, "--rate", "0"], "--rate"),
        ([*SHAPE, "--deadline", "0", "--streams", "2"], "--deadline"),
        ([*SHAPE, "--poisson", "100", "--sweep", "callers=1,2"], "goes with a closed load only"),
        ([*SHAPE, "--slices", "3"], "goes with --interleave only"),
        ([*SHAPE, "--batch", "0"], "from 1 to"),
        ([*SHAPE, "--callers", "1,2,1"], "twice"),
        ([*SHAPE, "--batch", "1,2", "--sweep", "batch=4"], "swept twice"),
        ([*SHAPE, "--interleave", "backend=openvino", "--sweep", "backend=openvino,onnxruntime"], "which is swept"),
        ([*SHAPE, "--interleave", "callers=2"], "same load"),
        ([*SHAPE, "--scenario", "server"], "--latency-bound"),
        ([*SHAPE, "--price", "dear"], "'dear' is no price"),
        ([*SHAPE, "--price", "1/h", "--utilisation", "2"], "utilisation 2"),
        ([*SHAPE, "--price", "1/h", "--json"], "--price"),
    ],
    ids=str,
)
def test_wrong_use_says_what_to_do(net, options, told):
    assert told in bench(net, *options, *BRIEFLY, status=USAGE).stderr


@pytest.mark.parametrize(
    "options, told",
    [
        (["--workers", "4"], "--workers"),
        (["--max-batch", "8"], "--max-batch"),
        (["--max-delay-us", "8"], "--max-delay-us"),
        (["--poisson", "1", "--threads", "2"], "tracks at a time"),
        (["--interleave", "threads=2"], "tracks at a time"),
    ],
    ids=str,
)
def test_options_for_models_are_not_for_embed(song, options, told):
    assert told in bench("embed", song, "-m", MUSICNN, *options, *BRIEFLY, status=USAGE).stderr


def test_nothing_is_measured_before_all_settings_make_sense(net, tmp_path):
    done = bench(net, *SHAPE, "--duration", "60", "--callers", "1,2,abc", "-o", tmp_path / "a.json", status=USAGE)
    assert "abc" in done.stderr and list(tmp_path.iterdir()) == []


def test_files_that_cannot_be_written_are_known_at_once(net, tmp_path):
    for option in ("-o", "--csv"):
        missing = tmp_path / "missing" / "a"
        done = bench(net, *SHAPE, "--duration", "60", option, missing, status=NOTHING_COULD_RUN)
        assert str(missing) in done.stderr


def test_missing_model_is_named(tmp_path):
    assert "gone.onnx" in bench(tmp_path / "gone.onnx", status=NOTHING_COULD_RUN).stderr


def test_a_dash_is_standard_output(net, tmp_path):
    printed = bench(net, *SHAPE, *BRIEFLY, "-o", "-", cwd=tmp_path).stdout
    assert json.loads(printed)["schema"] == "vivace-bench"
    rows = list(csv.DictReader(bench(net, *SHAPE, *BRIEFLY, "--csv", "-", cwd=tmp_path).stdout.splitlines()))
    assert [row["target"] for row in rows] == [f"model {net}"]
    for both in (["-o", "-"], ["--json"]):
        assert "--csv" in bench(net, *SHAPE, *BRIEFLY, *both, "--csv", "-", cwd=tmp_path, status=USAGE).stderr
    assert list(tmp_path.iterdir()) == []


def test_quiet_prints_nothing(net):
    done = bench(net, *SHAPE, *BRIEFLY, "--quiet")
    assert done.stdout == "" and done.stderr == ""


def test_a_profile_shows_stages_and_nodes(net, tmp_path):
    bench(net, *SHAPE, *BRIEFLY, "--profile", tmp_path / "trace.json", "--quiet")
    events = json.loads((tmp_path / "trace.json").read_text("utf-8"))["traceEvents"]
    assert {"prepare", "infer", "copy out", "queue"} <= {event["name"] for event in events}
    assert any(event.get("cat") == "Node" for event in events)
    assert list(tmp_path.iterdir()) == [tmp_path / "trace.json"]


def test_a_profile_marks_its_run(net, tmp_path):
    plain, profiled = tmp_path / "plain.json", tmp_path / "profiled.json"
    bench(net, *SHAPE, *BRIEFLY, "-o", plain)
    table = bench(net, *SHAPE, *BRIEFLY, "--profile", tmp_path / "trace.json", "-o", profiled).stdout
    assert "note: measured with --profile" in table
    assert "differs in profiled: none, then yes" in vivace("bench", "compare", plain, profiled).stdout


def test_a_profile_that_cannot_be_written_is_told_before_anything_runs(net, tmp_path):
    done = bench(net, *SHAPE, *BRIEFLY, "--profile", tmp_path / "none" / "trace.json", status=NOTHING_COULD_RUN)
    assert "trace.json" in done.stderr


def test_a_profile_is_of_one_run(net):
    message = bench(net, *SHAPE, *BRIEFLY, "--batch", "1,2", "--profile", "trace.json", status=USAGE).stderr
    assert "--profile: is for one model in one setting" in message
