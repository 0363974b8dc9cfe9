"""`vivace features`: what is measured of one file."""

import json
import math

import pytest

from program import MUSICNN, NOTHING_COULD_RUN, ROOT, USAGE, embed, vivace

MUSIC = ROOT / "examples/music/Coherence.mp3"


@pytest.fixture(scope="module")
def features():
    return json.loads(vivace("features", MUSIC, "--json").stdout)


def test_the_page_lists_what_the_program_lists():
    page = (ROOT / "docs/features.md").read_text("utf-8")
    assert page.endswith(vivace("features", "--list").stdout)


def test_every_listed_field_has_a_value_or_a_reason(features):
    for feature in json.loads(vivace("features", "--list", "--json").stdout):
        for field in feature["fields"]:
            if feature["default"]:
                assert features[field["name"]] is not None or field["name"] in features["reasons"]


def test_numbers_are_those_of_music(features):
    assert -30 < features["loudness.integrated_lufs"] < -10
    assert features["key.scale"] in ("major", "minor") and 0 < features["key.strength"] < 1
    assert len(features["chroma.stft.mean"]) == 12 and len(features["mfcc.mean"]) == 13
    assert features["onsets.count"] == len(features["onsets.times_s"])
    assert all(later > earlier for earlier, later in zip(features["onsets.times_s"], features["onsets.times_s"][1:]))
    assert math.isclose(features["onsets.rate_hz"], features["onsets.count"] / features["duration_s"], rel_tol=1e-6)


def test_a_model_says_what_embed_says(features):
    (record,) = embed(MUSIC, "-m", MUSICNN)
    assert features[f"{MUSICNN}.embedding"] == pytest.approx(record["embedding"], abs=1e-4)
    assert features[f"{MUSICNN}.rows"] == record["rows"]
    assert features[f"{MUSICNN}.tags"].keys() == record["tags"].keys()


def test_features_and_models_are_chosen_by_name():
    chosen = json.loads(vivace("features", MUSIC, "--features", "loudness", "--json").stdout)
    groups = {name.split(".")[0] for name in chosen if "." in name}
    assert groups == {"loudness"} and "loudness.true_peak_dbtp" in chosen
    models = json.loads(vivace("features", MUSIC, "--without", "all", "--model", "mtt-musicnn", "--json").stdout)
    assert {name.split(".")[0] for name in models if "." in name} == {"mtt-musicnn"}


def test_the_table_names_every_field(features):
    table = vivace("features", MUSIC).stdout
    assert all(f"{name} " in table for name in features if "." in name)


@pytest.mark.parametrize(
    "arguments, status, expected",
    [
        ([], USAGE, "no audio file"),
        ([MUSIC, "--features", "loudnes"], USAGE, "there are loudness"),
        ([MUSIC, "--rate", "12"], USAGE, "12"),
        (["none.mp3"], NOTHING_COULD_RUN, "none.mp3"),
        ([ROOT / "README.md"], NOTHING_COULD_RUN, "not audio"),
        ([MUSIC, "--model", "none-such"], NOTHING_COULD_RUN, "none-such"),
    ],
)
def test_wrong_use_says_what_is_wrong(arguments, status, expected):
    assert expected in vivace("features", *arguments, status=status).stderr
