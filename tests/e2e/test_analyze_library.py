"""A library of tracks becomes one database, and the same command again does only what is missing."""

import os
import shutil
import sqlite3
from contextlib import closing

import pytest

from program import NOTHING_COULD_RUN, ROOT, SOME_FAILED, USAGE, vivace

pytestmark = pytest.mark.usefixtures("only_levels")


@pytest.fixture(scope="module")
def music(melody, tmp_path_factory):
    """Eight short tracks in folders with a space, and one file that is no music."""
    folder = tmp_path_factory.mktemp("library") / "my music"
    for i in range(8):
        album = folder / f"album {i % 2}"
        album.mkdir(parents=True, exist_ok=True)
        melody.write(album / f"Song {i}.wav", 1 + i / 4, start=i)
    (folder / "broken.mp3").write_bytes(b"no music" * 20)
    return folder


@pytest.fixture
def own_music(music, tmp_path):
    """A copy of the tracks that may be changed."""
    return shutil.copytree(music, tmp_path / "my music")


def rows(database, query, *parameters):
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query, parameters).fetchall()


def analyze(*arguments, status=SOME_FAILED):
    """What the program says of a run; one of the tracks always fails."""
    return vivace("analyze", *arguments, status=status).stderr


def test_all_tracks_are_in_the_database_with_their_failures(music, tmp_path):
    analyze(music, "-o", tmp_path / "music.db")
    tracks = rows(tmp_path / "music.db", 'SELECT path, "level.rms_dbfs", duration_s FROM everything ORDER BY path')
    assert [path for path, _, _ in tracks] == sorted(str(file) for file in music.rglob("*.*"))
    assert [duration for path, level, duration in tracks if level is None] == [None]
    failures = rows(tmp_path / "music.db", "SELECT error_code FROM results WHERE state = 'failed'")
    assert failures == [("corrupt_data",)]
    assert (
        rows(tmp_path / "music.db", "SELECT * FROM workers")
        == rows(tmp_path / "music.db", "SELECT * FROM leases")
        == []
    )


def test_second_run_does_nothing(music, tmp_path):
    analyze(music, "-o", tmp_path / "music.db")
    said = analyze(music, "-o", tmp_path / "music.db", status=0)
    assert "0 new, 0 changed, 0 moved, 0 missing" in said and "0 tracks done" in said


def test_statements_of_the_manual_work(music, tmp_path):
    analyze(music, "-o", tmp_path / "music.db")
    text = (ROOT / "docs/library.md").read_text("utf-8")
    statements = [part.split("```")[0] for part in text.split("```sql\n")[1:]]
    assert len(statements) >= 3
    for statement in statements:
        assert rows(tmp_path / "music.db", statement), statement


def test_changed_new_moved_and_missing_files_are_told_apart(own_music, melody, tmp_path):
    library = tmp_path / "music.db"
    analyze(own_music, "-o", library)
    album = own_music / "album 0"
    melody.write(album / "Song 0.wav", 3)
    melody.write(own_music / "new.wav", 1)
    (album / "Song 2.wav").unlink()
    (own_music / "album 1").rename(own_music / "renamed")
    said = analyze(own_music, "-o", library, status=0)
    assert "9 tracks: 1 new, 1 changed, 4 moved, 1 missing" in said and "2 tracks done" in said
    assert rows(library, "SELECT path FROM tracks WHERE state = 'missing'") == [(str(album / "Song 2.wav"),)]
    assert rows(library, "SELECT duration_s FROM tracks WHERE path = ?", str(album / "Song 0.wav")) == [(3,)]


def test_file_moved_with_another_name_and_time_is_known_by_its_content(own_music, tmp_path):
    library = tmp_path / "music.db"
    analyze(own_music, "--hash", "-o", library)
    moved = (own_music / "album 0/Song 0.wav").rename(own_music / "other name.wav")
    os.utime(moved, ns=(1, 10**18))
    assert "0 new, 0 changed, 1 moved, 0 missing" in analyze(own_music, "--hash", "-o", library, status=0)


def test_failed_tracks_are_tried_again_on_request(own_music, tmp_path):
    library = tmp_path / "music.db"
    analyze(own_music, "-o", library)
    assert "0 tracks done, 1 failed" in analyze(own_music, "--retry-failed", "-o", library)
    assert "0 tracks done, 0 failed" in analyze(own_music, "-o", library, status=0)


def test_options_that_no_track_can_bear_are_refused_before_the_first(music, tmp_path):
    assert "--rate" in analyze(music, "-o", tmp_path / "music.db", "--rate", "12", status=USAGE)
    assert not (tmp_path / "music.db").exists()


def test_features_are_overwritten_on_request(own_music, tmp_path):
    library = tmp_path / "music.db"
    analyze(own_music, "-o", library)
    assert "8 tracks done, 1 failed" in analyze(own_music, "--overwrite", "level", "-o", library)


def test_patterns_choose_files(music, tmp_path):
    options = ["--exclude", "album 1", "--include", "*.wav", "-o", tmp_path / "music.db"]
    assert "4 tracks: 4 new" in analyze(music, *options, status=0)


def test_parts_of_a_job_share_out_the_tracks(music, tmp_path):
    for part in range(3):
        vivace("analyze", music, "--shard", f"{part}/3", "-o", tmp_path / f"{part}.db", status=None)
    paths = [path for part in range(3) for (path,) in rows(tmp_path / f"{part}.db", "SELECT path FROM tracks")]
    assert sorted(paths) == sorted(str(file) for file in music.rglob("*.*"))


def test_show_finds_tracks_by_a_part_of_their_path(music, tmp_path):
    library = tmp_path / "music.db"
    analyze(music, "-o", library)
    one = vivace("library", "show", library, "sONG 3").stdout
    assert "album 1/Song 3.wav" in one and "level.rms_dbfs" in one and "dBFS" in one
    assert len(vivace("library", "show", library, "song").stdout.splitlines()) == 8
    assert "corrupt_data" in vivace("library", "show", library, "broken").stdout
    assert "no track" in vivace("library", "show", library, "nothing", status=NOTHING_COULD_RUN).stderr


def test_foreign_database_is_refused_and_kept(music, tmp_path):
    with closing(sqlite3.connect(tmp_path / "foreign.db")) as connection:
        connection.execute("CREATE TABLE bread (price)")
    before = (tmp_path / "foreign.db").read_bytes()
    message = vivace("analyze", music, "-o", tmp_path / "foreign.db", status=USAGE).stderr
    assert "no music library of vivace" in message
    assert (tmp_path / "foreign.db").read_bytes() == before


def test_library_of_a_newer_vivace_is_refused(music, tmp_path):
    analyze(music, "-o", tmp_path / "music.db")
    with closing(sqlite3.connect(tmp_path / "music.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    message = vivace("library", "show", tmp_path / "music.db", "song", status=NOTHING_COULD_RUN).stderr
    assert "schema 99" in message
