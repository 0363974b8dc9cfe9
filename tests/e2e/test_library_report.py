"""The page of `vivace library report`, looked at in a real browser."""

import shutil
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from browser import picture, render
from libraries import add_model, add_music
from program import NOTHING_COULD_RUN, SOME_FAILED, vivace

pytestmark = pytest.mark.usefixtures("only_levels")

TRACKS = 60
TAGS = ["rock", "jazz", "<b>electronic</b>"]
CHARTS = ["Map", "Tempo", "Loudness", "Duration", "Danceability", "Keys"]


@pytest.fixture(scope="module")
def library(melody, tmp_path_factory):
    """A library of tracks in three kinds, and one file that is no music."""
    folder = tmp_path_factory.mktemp("report")
    paths = [melody.write(folder / f"Song & {i}.wav", 1 + i / 60, start=i / 4) for i in range(TRACKS)]
    (folder / "broken <i>.mp3").write_bytes(b"no music")
    vivace("analyze", folder, "-o", folder / "music.db", status=SOME_FAILED)
    random = np.random.default_rng(1)
    kinds = random.normal(size=(3, 20))
    embeddings = {str(path): kinds[i % 3] + random.normal(size=20) / 3 for i, path in enumerate(paths)}
    tags = {str(path): {TAGS[i % 3]: 0.8, TAGS[(i + 1) % 3]: 0.3} for i, path in enumerate(paths)}
    add_model(folder / "music.db", "made-up", embeddings, tags)
    music = {
        path: (100 + i % 40, "ACE"[i % 3], "minor", -9.5 - i / 20, 1 + i / 50) for i, path in enumerate(embeddings)
    }
    add_music(folder / "music.db", music)
    return folder / "music.db"


@pytest.fixture(scope="module")
def page(library):
    vivace("library", "report", library, "-o", library.parent / "report.html")
    return library.parent / "report.html"


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


def test_every_chart_has_drawn(charts):
    assert list(charts) == CHARTS
    for chart in charts.values():
        width, height = chart["size"]
        assert width > 600 and height > 100
        assert chart["label"].startswith(chart["title"] + ". ")
        assert all(width > 0 and height > 0 for width, height in chart["marks"])


def test_the_map_has_a_point_a_track_with_a_hover_title(charts):
    points = charts["Map"]
    assert len(points["marks"]) == len(points["tips"]) == TRACKS
    assert "Song & 0: 100 BPM, A minor, -9.5 LUFS, rock" in points["tips"]


def test_tags_are_in_the_legend(rendered):
    for tag in TAGS:
        assert f"{tag} ({TRACKS // 3})" in rendered.seen["text"]


def test_bars_count_all_tracks(charts):
    for title in ("Tempo", "Loudness", "Danceability", "Keys"):
        counts = [int(tip.split(": ")[1].split()[0]) for tip in charts[title]["tips"]]
        assert sum(counts) == TRACKS
    assert "A minor (8A): 20 tracks" in charts["Keys"]["tips"]


def test_totals_formats_and_failures_are_told(rendered):
    for text in ("61", "of audio", "pcm_s16le in wav", "broken <i>.mp3", "corrupt_data", "not audio", "made-up"):
        assert text in rendered.seen["text"]


def test_the_page_fits_its_window_and_dark_screens(page, rendered):
    assert rendered.seen["width"] <= 1100
    assert render(page, dark=True).seen["ground"] != rendered.seen["ground"]


def test_a_picture_of_the_page_is_not_blank(page, tmp_path):
    assert len(picture(page, tmp_path / "report.png").read_bytes()) > 100_000


def test_the_same_library_has_the_same_page(library, page):
    assert vivace("library", "report", library, "-o", "-").stdout == page.read_text("utf-8")


def test_values_that_are_not_finite_are_left_out(library, tmp_path):
    copy = shutil.copy(library, tmp_path / "music.db")
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE tracks SET duration_s = 9e999 WHERE id = 1")
        connection.execute('UPDATE features_music SET "tempo.bpm" = -9e999 WHERE track < 3')
    vivace("library", "report", copy, "-o", tmp_path / "report.html")
    assert "58 tracks; the outermost" in (tmp_path / "report.html").read_text("utf-8")


def test_a_library_without_embeddings_has_a_page_without_a_map(song, tmp_path):
    vivace("analyze", song, "-o", tmp_path / "music.db")
    said = vivace("library", "report", tmp_path / "music.db", "-o", "-").stdout
    assert "<h2>Duration</h2>" in said and "<h2>Map</h2>" not in said
    arguments = ["-o", tmp_path / "no.html", "--model", "none"]
    vivace("library", "report", tmp_path / "music.db", *arguments, status=NOTHING_COULD_RUN)
    assert not (tmp_path / "no.html").exists()
