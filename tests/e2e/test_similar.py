"""`vivace similar` finds what sounds like a track, in the library or not."""

import json
import shutil

import numpy as np
import pytest

from libraries import add_model, add_music
from program import MUSICNN, NOTHING_COULD_RUN, USAGE, embed, vivace

pytestmark = pytest.mark.usefixtures("only_levels")

KEYS = [("A", "minor"), ("C", "major"), ("E", "minor"), ("F#", "major")]


@pytest.fixture(scope="module")
def known(tracks):
    """The embeddings of all tracks but the last, {path: numbers}."""
    return {row["path"]: row["embedding"] for row in embed(*tracks[:-1], "--model", MUSICNN)}


@pytest.fixture(scope="module")
def library(tracks, known, tmp_path_factory):
    folder = tmp_path_factory.mktemp("similar")
    database = folder / "music.db"
    vivace("analyze", *tracks[:-1], "-o", database)
    add_model(database, MUSICNN, known)
    add_music(database, {path: (100 + i, *KEYS[i % 4], -10 - i, 1.0) for i, path in enumerate(known)})
    return database


def similar(library, track, *arguments):
    done = vivace("similar", track, "--library", library, "--json", *arguments)
    return json.loads(done.stdout)


def cosines(known, vector):
    """Paths by their cosine with a vector, computed by numpy."""
    unit = {path: np.array(row, float) / np.linalg.norm(row) for path, row in known.items()}
    vector = np.array(vector, float) / np.linalg.norm(vector)
    return sorted(((float(row @ vector), path) for path, row in unit.items()), reverse=True)


def test_order_and_cosines_are_those_of_numpy(library, known, tracks):
    asked = str(tracks[3])
    answer = similar(library, "track 4.wav")
    expected = [pair for pair in cosines(known, known[asked]) if pair[1] != asked]
    assert answer["to"] == asked and answer["model"] == MUSICNN
    assert [track["path"] for track in answer["tracks"]] == [path for _, path in expected]
    assert [track["similarity"] for track in answer["tracks"]] == pytest.approx([c for c, _ in expected], abs=1e-5)


def test_file_in_the_library_is_that_track(library, tracks):
    assert similar(library, tracks[3]) == similar(library, "track 4.wav")


def test_file_that_is_not_in_the_library_is_embedded(library, known, tracks):
    (row,) = embed(tracks[-1], "--model", MUSICNN)
    expected = cosines(known, row["embedding"])[:3]
    answer = similar(library, tracks[-1], "--top", 3)
    assert [track["path"] for track in answer["tracks"]] == [path for _, path in expected]
    assert [track["similarity"] for track in answer["tracks"]] == pytest.approx([c for c, _ in expected], abs=1e-4)


def test_filters_leave_what_is_near(library, known):
    paths = list(known)
    found = {track["path"] for track in similar(library, "track 4.wav", "--tempo", "3%")["tracks"]}
    assert found == {paths[i] for i in (0, 1, 2, 4, 5, 6)}
    found = {track["path"] for track in similar(library, "track 1.wav", "--key-compatible")["tracks"]}
    assert found == {path for i, path in enumerate(paths) if i % 4 != 3 and i != 0}
    found = {track["path"] for track in similar(library, "track 4.wav", "--loudness", 1)["tracks"]}
    assert found == {paths[2], paths[4]}


def test_text_names_tracks_with_tempo_and_key(library):
    said = vivace("similar", "track 4.wav", "--library", library, "--top", 2).stdout
    assert len(said.splitlines()) == 2 and "BPM" in said and "LUFS" in said


def test_what_cannot_be_found_is_said(library, tmp_path):
    said = vivace("similar", "no such song", "--library", library, status=NOTHING_COULD_RUN).stderr
    assert "no track whose path holds" in said
    assert "tracks hold" in vivace("similar", "track", "--library", library, status=USAGE).stderr
    assert "percentage" in vivace("similar", "track 1.wav", "--library", library, "--tempo", "x", status=USAGE).stderr
    said = vivace("similar", "track 1.wav", "--library", library, "--model", "none", status=NOTHING_COULD_RUN).stderr
    assert f"only of {MUSICNN}" in said
    vivace("similar", "x", "--library", tmp_path / "absent.db", status=NOTHING_COULD_RUN)


@pytest.mark.parametrize("distance", ["nan", "inf", "-1"])
def test_distances_must_be_numbers(library, distance):
    said = vivace("similar", "track 1.wav", "--library", library, "--loudness", distance, status=USAGE).stderr
    assert "no such column" not in said


def test_file_that_changed_since_is_embedded_anew(tracks, known, tmp_path):
    changed, database = shutil.copy(tracks[0], tmp_path / "changed.wav"), tmp_path / "music.db"
    vivace("analyze", *tracks[:-1], changed, "-o", database)
    add_model(database, MUSICNN, known | {str(changed): known[str(tracks[0])]})
    shutil.copy(tracks[5], changed)
    answer = similar(database, changed)
    assert answer["tracks"][0]["path"] == str(tracks[5])
    assert str(changed) not in [track["path"] for track in answer["tracks"]]


def test_a_model_other_than_the_librarys_is_refused(tracks, known, tmp_path):
    vivace("analyze", *tracks[:-1], "-o", tmp_path / "music.db")
    add_model(tmp_path / "music.db", MUSICNN, known, configuration=json.dumps({"model": "0" * 64}))
    said = vivace("similar", tracks[-1], "--library", tmp_path / "music.db", status=NOTHING_COULD_RUN).stderr
    assert "analysed with" in said
    assert similar(tmp_path / "music.db", tracks[0])["tracks"]
