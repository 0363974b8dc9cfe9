"""`vivace analyze --stems`: features of the stems of each track, as of files with these stems."""

import json
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from program import ROOT, vivace

MUSIC = ROOT / "examples/music"
CHOICE = ("--features", "loudness,level,spectral", "--model", "none")


def rows(database, query):
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query)]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stems")
    vivace("analyze", MUSIC, "-o", folder / "music.db", *CHOICE, "--stems", "--timeseries", folder / "frames")
    return folder / "music.db"


def test_stems_have_the_features_of_their_files(library, tmp_path):
    song = MUSIC / "Coherence.mp3"
    vivace("separate", song, "-o", tmp_path, "--format", "wavf32", "--clip", "none")
    (row,) = rows(library, "SELECT * FROM everything WHERE path LIKE '%Coherence%'")
    for stem in ("vocals", "accompaniment"):
        file = tmp_path / f"Coherence/{stem}.wav"
        fields = json.loads(vivace("features", file, *CHOICE, "--json").stdout)
        compared = [name for name in fields if "." in name and isinstance(fields[name], float)]
        assert len(compared) > 40
        for name in compared:
            assert row[f"stems.{stem}.{name}"] == pytest.approx(fields[name], rel=1e-5, abs=1e-6), name


def test_curves_of_stems_have_their_names(library):
    with np.load(library.parent / "frames/Coherence.mp3.npz") as curves:
        assert {"loudness.momentary_lufs", "stems.vocals.loudness.momentary_lufs"} <= set(curves)


def test_a_second_run_and_one_without_stems_do_nothing(library):
    assert "0 tracks done" in vivace("analyze", MUSIC, "-o", library, *CHOICE, "--stems").stderr
    assert "0 tracks done" in vivace("analyze", MUSIC, "-o", library, *CHOICE).stderr


def test_stems_are_added_to_a_library(tmp_path):
    vivace("analyze", MUSIC, "-o", tmp_path / "l.db", "--features", "level")
    before = rows(tmp_path / "l.db", "SELECT * FROM features_level ORDER BY track")
    vivace("analyze", MUSIC, "-o", tmp_path / "l.db", "--features", "level", "--stems")
    assert rows(tmp_path / "l.db", "SELECT * FROM features_level ORDER BY track") == before
    found = rows(tmp_path / "l.db", 'SELECT "stems.vocals.level.rms_dbfs" AS rms FROM everything')
    assert len(found) == 3 and all(-90 < row["rms"] < -10 for row in found)
