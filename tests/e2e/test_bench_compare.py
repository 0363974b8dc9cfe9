"""`vivace bench compare` and `vivace bench cost` on made-up results."""

import json

import pytest

from measurements import made_up_run, write_result
from program import NOTHING_COULD_RUN, SOME_FAILED, USAGE, vivace


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A base, one that is 10 % slower, one that equals the base, and one that is not to be trusted."""
    folder = tmp_path_factory.mktemp("bench results")
    return {
        "base": write_result(folder / "base.json", [made_up_run("c=1", seed=1)]),
        "slower": write_result(folder / "slower.json", [made_up_run("c=1", seed=2, median_s=1.1e-3)]),
        "equal": write_result(folder / "equal.json", [made_up_run("c=1", seed=3)]),
        "invalid": write_result(folder / "invalid.json", [made_up_run("c=1", seed=4, problems=["fell behind"])]),
        "other machine": write_result(folder / "other.json", [made_up_run("c=1", seed=5)], cpu="Another CPU"),
    }


def compare(*arguments, **options):
    return vivace("bench", "compare", *arguments, **options)


def verdicts(*arguments):
    """Metric -> (verdict, ratio) of the only pair of runs."""
    (comparison,) = json.loads(compare(*arguments, "--json").stdout)["comparisons"]
    (run,) = comparison["runs"]
    return {metric["metric"]: (metric["verdict"], metric["ratio"]) for metric in run["metrics"]}


def test_a_slower_run_is_told_apart_in_every_metric(results):
    found = verdicts(results["base"], results["slower"])
    for metric in ("p50", "p90", "p99", "mean", "rate"):
        verdict, ratio = found[metric]
        assert verdict == "worse"
        assert ratio == pytest.approx(1 / 1.1 if metric == "rate" else 1.1, rel=0.05)


def test_equal_runs_do_not_differ(results):
    found = verdicts(results["base"], results["equal"])
    assert {verdict for verdict, _ in found.values()} == {"no difference", "not tested"}


def test_the_table_says_so_in_words(results):
    slower, equal = (compare(results["base"], results[name]).stdout for name in ("slower", "equal"))
    assert "slower" in slower and "no difference" not in slower
    assert "no difference" in equal and "slower" not in equal.replace(str(results["slower"]), "")


def test_markdown_has_a_table_and_survives_foreign_names(tmp_path):
    named = [made_up_run("a|b <script>*", requests=100)]
    base = write_result(tmp_path / "base.json", named)
    text = compare(base, base, "--markdown").stdout
    assert "|---|--:|--:|---|---|" in text and "a\\|b &lt;script\\>\\*" in text


def test_several_results_are_each_compared_with_the_base(results):
    text = compare(results["base"], results["slower"], results["equal"], "--json").stdout
    assert [c["new"] for c in json.loads(text)["comparisons"]] == [str(results["slower"]), str(results["equal"])]


@pytest.mark.parametrize(
    "new, rule, status",
    [
        ("slower", "p90>1.02", SOME_FAILED),
        ("slower", "rate < 0.95", SOME_FAILED),
        ("slower", "service.p50>1.05", SOME_FAILED),
        ("slower", "p50>1.2", 0),
        ("equal", "p90>1.02", 0),
        ("equal", "rss>1", 0),
    ],
)
def test_fail_if_sets_the_exit_code(results, new, rule, status):
    compare(results["base"], results[new], "--fail-if", rule, status=status)


def test_options_leave_the_results_behind_them_alone(results):
    rule = ["--metric", "p50", results["base"], results["slower"]]
    assert "slower" in compare(*rule).stdout
    compare("--fail-if", "p50>1.02", results["base"], results["slower"], status=SOME_FAILED)


def test_fail_if_only_warns_where_the_samples_leave_it_open(results):
    ratio = verdicts(results["base"], results["slower"])["p50"][1]
    rule = f"p50>{ratio - 1e-4}"
    warned = compare(results["base"], results["slower"], "--fail-if", rule)
    assert "warning" in warned.stderr and "in doubt" in warned.stderr
    strict = compare(results["base"], results["slower"], "--fail-if", rule, "--strict-fail", status=SOME_FAILED)
    assert "fails" in strict.stderr


def test_a_rule_that_too_few_requests_leave_untested_is_told(tmp_path):
    base, new = (
        write_result(tmp_path / f"{seed}.json", [made_up_run("c=1", seed=seed, requests=2000)]) for seed in (1, 2)
    )
    for rule, status in ((["--fail-if", "p999>5"], 0), (["--fail-if", "p999>5", "--strict-fail"], SOME_FAILED)):
        said = compare(base, new, *rule, status=status).stderr
        assert said.startswith("vivace: warning: " if status == 0 else "vivace: c=1")
        assert "c=1: 'p999>5' could not be tested: needs 10000 answered requests" in said


@pytest.mark.parametrize("rule", ["p98>1", "p99", "p99>", "p99>0", "p99>-1", "p99>nan", "p99>1x", ">1", ""])
def test_fail_if_refuses_what_is_no_rule(results, rule):
    message = compare(results["base"], results["equal"], "--fail-if", rule, status=USAGE).stderr
    assert len(message.splitlines()) == 1


def test_runs_with_problems_are_refused_unless_allowed(results):
    message = compare(results["base"], results["invalid"], status=NOTHING_COULD_RUN).stderr
    assert "fell behind" in message and "--allow-invalid" in message
    assert "fell behind" in compare(results["base"], results["invalid"], "--allow-invalid").stdout


def test_other_environments_are_warned_of_above_the_table(results):
    text = compare(results["base"], results["other machine"]).stdout
    assert text.index("cpu: Made-up CPU, then Another CPU") < text.index("p50")


def test_runs_made_in_turn_are_compared_within_one_result(tmp_path):
    ends = [0.4, 0.8, 1.2, 1.6]
    runs = [made_up_run(name, seed=i, slice_ends_s=ends) for i, name in enumerate(["A", "B"])]
    text = compare(write_result(tmp_path / "turns.json", runs)).stdout
    assert "A → B" in text and "in turn" in text


def test_one_result_without_turns_is_not_enough(results):
    assert "--interleave" in compare(results["base"], status=USAGE).stderr


def test_a_file_that_is_no_result_is_named(results, tmp_path):
    (tmp_path / "broken.json").write_text("{}")
    message = compare(results["base"], tmp_path / "broken.json", status=NOTHING_COULD_RUN).stderr
    assert "broken.json" in message
    assert "missing.json" in compare(results["base"], "missing.json", status=NOTHING_COULD_RUN).stderr


def test_price_adds_the_cost(results):
    text = compare(results["base"], results["slower"], "--price", "€2.50/h").stdout
    assert "cost per million inferences" in text and "€2.50 an hour" in text


def test_cost_is_price_by_rate(tmp_path):
    run = made_up_run("c=1", requests=1000, duration_s=10, audio_s=7200)
    result = write_result(tmp_path / "result.json", [run])
    costs = json.loads(vivace("bench", "cost", result, "--price", "730 EUR/month", "--json").stdout)
    (priced,) = costs["results"]
    assert priced["per_hour"] == pytest.approx(1) and priced["per_month"] == pytest.approx(730)
    assert priced["runs"][0]["per_million_items"] == pytest.approx(1e6 / (100 * 3600))
    assert priced["runs"][0]["per_thousand_audio_hours"] == pytest.approx(1000 / 720)


def test_cost_names_the_load_from_which_a_machine_pays(tmp_path):
    slow = write_result(tmp_path / "slow.json", [made_up_run("c=1", requests=100, duration_s=1)])
    fast = write_result(tmp_path / "fast.json", [made_up_run("c=1", requests=1000, duration_s=1)])
    prices = ["--price", "$1/h", "--price", "$3/h"]
    costs = json.loads(vivace("bench", "cost", slow, "--against", fast, *prices, "--json").stdout)
    assert costs["break_even"] == {
        "base": "c=1",
        "new": "c=1",
        "items": "inferences",
        "pays_from_items_per_s": 300,
        "never_costs_more_from_items_per_s": 200,
        "differs_in": [],
    }
    assert (
        "pays from 300 inferences/s (788 M inferences a month)"
        in vivace("bench", "cost", slow, "--against", fast, *prices).stdout
    )


def test_cost_does_not_set_tracks_against_inferences(tmp_path):
    tracks = write_result(tmp_path / "tracks.json", [made_up_run("c=1", audio_s=100)])
    inferences = write_result(tmp_path / "inferences.json", [made_up_run("c=1")])
    message = vivace("bench", "cost", tracks, "--against", inferences, "--price", "1/h", status=USAGE).stderr
    assert "inferences" in message and "tracks" in message


def test_cost_says_why_it_names_no_load(tmp_path):
    base = write_result(tmp_path / "base.json", [made_up_run("c=1")])
    offered = made_up_run("open")
    offered["load"] |= {"kind": "poisson", "concurrency": 0, "rate_hz": 900}
    new = write_result(tmp_path / "new.json", [offered])
    costs = json.loads(vivace("bench", "cost", base, "--against", new, "--price", "1/h", "--json").stdout)
    (reason,) = costs["break_even"].values()
    assert "new.json were offered, not the highest" in reason


@pytest.mark.parametrize("price", ["3", "/h", "-1/h", "0/h", "1/week", "1,5/h", "nan/h"])
def test_cost_refuses_what_is_no_price(results, price):
    assert price in vivace("bench", "cost", results["base"], f"--price={price}", status=USAGE).stderr


@pytest.mark.parametrize("option", ["--utilisation=0", "--utilisation=1.1", "--hours-per-month=0"])
def test_cost_refuses_impossible_months(results, option):
    vivace("bench", "cost", results["base"], "--price", "1/h", option, status=USAGE)
