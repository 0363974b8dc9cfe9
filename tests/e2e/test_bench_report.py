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
