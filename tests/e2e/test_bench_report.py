"""The page of `vivace bench report`, looked at in a real browser."""

import re
import struct

import pytest

from browser import picture, render
from measurements import made_up_run, write_result
from program import NOTHING_COULD_RUN, USAGE, vivace

FOREIGN = "c=4 <script>alert('x')</script> & \"quotes\""
CHARTS = [
    "Distribution of latency",
    "Percentiles of response time",
    "Throughput over concurrency",
    "Where the time goes",
    "Latency over time",
]


def report(*arguments, output, **options):
    vivace("bench", "report", *arguments, "-o", output, **options)
    return output


def runs_of_a_sweep():
    """Four runs with more callers each; one lags, one has problems and a name that tries to break out."""
    runs = []
    for callers, name in ((1, "c=1"), (2, "c=2"), (4, FOREIGN), (8, "c=8")):
        run = made_up_run(name, seed=callers, median_s=1e-3 * callers**0.3, lag_s=2e-4 if callers == 8 else 0)
        run["load"]["concurrency"] = callers
        runs.append(run)
    runs[2]["problems"] = ["3 % of sends <late>"]
    runs[1]["notes"] = ["service times drifted by 12 %"]
    return runs


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    result = write_result(folder / "result.json", runs_of_a_sweep())
    return report(result, "--price", "€2.50/h", output=folder / "report.html")


@pytest.fixture(scope="module")
def rendered(page):
    return render(page)


@pytest.fixture(scope="module")
def charts(rendered):
    return {chart["title"]: chart for chart in rendered.seen["charts"]}


def test_the_browser_asks_for_the_page_and_nothing_else(rendered):
    assert sorted(rendered.requests) == ["/page.html", "/probe.html"]


def test_the_browser_complains_of_nothing(rendered):
    assert rendered.console == [] and rendered.seen["scripts"] == 0


def test_every_chart_is_there_with_a_text_for_who_cannot_see_it(charts):
    assert list(charts) == CHARTS
    for chart in charts.values():
        assert chart["label"].startswith(chart["title"] + ". ")
        assert chart["rows"] >= 4


@pytest.mark.parametrize("title", CHARTS)
def test_charts_have_drawn(charts, title):
    chart = charts[title]
    width, height = chart["size"]
    assert width > 600 and height > 100
    drawn = chart["lines"] + chart["marks"]
    assert len(drawn) >= 1 and all(width > 0 or height > 0 for width, height in drawn)
    assert len(chart["texts"]) >= 5


def test_lines_fill_their_charts(charts):
    for title, lines in (("Distribution of latency", 5), ("Throughput over concurrency", 1), ("Latency over time", 8)):
        assert len(charts[title]["lines"]) == lines
        assert max(width for width, _ in charts[title]["lines"]) > 200
    assert max(height for _, height in charts["Distribution of latency"]["lines"]) > 200


def test_ticks_are_round_and_have_units(charts):
    assert {"1 ms", "2 ms", "100 %", "0 %"} <= set(charts["Distribution of latency"]["texts"])
    assert "0" in charts["Throughput over concurrency"]["texts"]


def test_foreign_text_is_shown_and_not_run(rendered):
    assert FOREIGN in rendered.seen["text"]
    assert "3 % of sends <late>" in rendered.seen["text"]


def test_problems_notes_costs_and_environment_are_told(rendered):
    for text in (
        "Not to be trusted",
        "service times drifted by 12 %",
        "cost per million inferences",
        "€2.50 an hour",
        "Made-up CPU",
        "onnxruntime 1.31.1",
    ):
        assert text in rendered.seen["text"]


def test_the_page_fits_its_window(rendered):
    assert rendered.seen["width"] <= 1100


def test_dark_screens_get_dark_colours(page, rendered):
    dark = render(page, dark=True).seen
    assert dark["ground"] != rendered.seen["ground"]
    for light_chart, dark_chart in zip(rendered.seen["charts"], dark["charts"]):
        assert dark_chart["text_colour"] != light_chart["text_colour"]


def test_a_picture_of_the_page_is_not_blank(page, tmp_path):
    image = picture(page, tmp_path / "report.png").read_bytes()
    assert struct.unpack(">II", image[16:24]) == (1100, 3600)
    assert len(image) > 100_000  # one colour alone would take a tenth


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """The page of a sweep over twelve settings of two targets, of which every third could not run."""
    runs = []
    for threads in (1, 2, 4):
        for backend in ("absent", "onnxruntime", "openvino"):
            name = f"batch=1 threads={threads} backend={backend}"
            runs.append(made_up_run(name, seed=threads, lag_s=2e-4))
            runs[-1]["load"] |= {"kind": "poisson", "concurrency": 0, "rate_hz": 800}
            if backend == "absent":
                runs[-1] |= could_not_run(f"{backend}: nothing here can run it")
            else:
                runs[-1]["problems"] = ["3 % of the requests failed"]
    runs += [made_up_run(f"tracks {i}", seed=i, target="embed songs", audio_s=100) for i in (5, 6, 7)]
    folder = tmp_path_factory.mktemp("sweep")
    return render(report(write_result(folder / "sweep.json", runs), output=folder / "sweep.html")).seen


def could_not_run(reason):
    samples = {name: [] for name in ("intended_ns", "sent_ns", "done_ns", "items", "stream", "failed")}
    return {"problems": ["could not run: " + reason], "samples": samples, "duration_s": 0, "stage_s": {}}


def test_what_could_not_run_is_told_once_and_in_no_chart(sweep):
    assert sweep["text"].count("absent: nothing here can run it") == 1
    for chart in sweep["charts"]:
        assert not any("absent" in text for text in chart["texts"] + chart["tips"])
    for threads in (1, 2, 4):
        assert sweep["text"].count(f"batch=1 threads={threads} backend=absent") == 1


def test_a_problem_of_several_runs_is_told_once(sweep):
    assert sweep["text"].count("3 % of the requests failed") == 1


def test_labels_of_rows_are_distinct_and_whole(sweep):
    (chart,) = (chart for chart in sweep["charts"] if chart["title"] == "Percentiles of response time")
    labels = " ".join(chart["texts"])
    for threads in (1, 2, 4):
        for backend in ("onnxruntime", "openvino"):
            assert f"batch=1 threads={threads} backend={backend}" in labels


def test_tables_of_charts_have_all_measured_runs(sweep):
    rows = {chart["title"]: chart["rows"] for chart in sweep["charts"]}
    assert rows["Distribution of latency"] == 6 * 2 + 3  # the open loads also with their service time
    assert rows["Percentiles of response time"] == rows["Latency over time"] == 9


def test_title_and_bests_are_those_of_each_target(sweep):
    assert sweep["title"] == "Measurements of model net.onnx and embed songs"
    assert "highest throughput in tracks of embed songs: tracks" in sweep["text"]
    assert "of model net.onnx:" not in sweep["text"]  # none of its runs is to be trusted


def test_tables_fit_the_page(sweep, rendered):
    for table in sweep["tables"] + rendered.seen["tables"]:
        assert table["needed"] <= table["shown"], table["title"]


def test_results_of_several_files_are_told_apart(tmp_path):
    first = write_result(tmp_path / "first.json", [made_up_run("c=1", seed=1)])
    second = write_result(tmp_path / "second.json", [made_up_run("c=1", seed=2)], cpu="Another CPU")
    text = report(first, second, output=tmp_path / "both.html").read_text("utf-8")
    for part in ("first.json: c=1", "second.json: c=1", "Made-up CPU", "Another CPU"):
        assert part in text


def test_a_run_without_answers_still_has_a_page(tmp_path):
    run = made_up_run("nothing", requests=0, duration_s=0, problems=["could not run"])
    text = report(write_result(tmp_path / "empty.json", [run]), output=tmp_path / "empty.html").read_text("utf-8")
    assert "could not run" in text and not re.search(r"\b-?(nan|inf)\b", text)


def test_a_result_without_runs_is_refused(tmp_path):
    empty = write_result(tmp_path / "empty.json", [])
    report(empty, output=tmp_path / "page.html", status=USAGE)
    report(tmp_path / "missing.json", output=tmp_path / "page.html", status=NOTHING_COULD_RUN)
    assert not (tmp_path / "page.html").exists()
