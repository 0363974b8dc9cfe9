"""`vivace library export` writes what a library holds, and other programs read it."""

import csv
import json
import shutil
import sqlite3
from contextlib import closing

import duckdb
import numpy as np
import pyarrow.parquet as parquet
import pytest

from libraries import add_model, add_music
from program import NOTHING_COULD_RUN, SOME_FAILED, USAGE, json_lines, vivace

pytestmark = pytest.mark.usefixtures("only_levels")

DIMENSION = 12


@pytest.fixture(scope="module")
def embeddings(tracks):
    """Made-up embeddings of all tracks but the last, {path: numbers}."""
    random = np.random.default_rng(1)
    return {str(path): random.normal(size=DIMENSION).astype("f4") for path in tracks[:-1]}


@pytest.fixture(scope="module")
def library(tracks, embeddings, tmp_path_factory):
    """A library with embeddings, tags and music, and a file that is none."""
    folder = tmp_path_factory.mktemp("export")
    broken = folder / 'broken, "odd" \u00e9.mp3'
    broken.write_bytes(b"no music")
    vivace("analyze", *tracks, broken, "-o", folder / "music.db", status=SOME_FAILED)
    add_model(folder / "music.db", "made-up", embeddings, {path: {"rock": 0.5, "jazz": 0.25} for path in embeddings})
    add_music(folder / "music.db", {path: (100 + i, "A", "minor", -9.5, 1.0) for i, path in enumerate(embeddings)})
    return folder / "music.db"


def export(library, output, *arguments):
    vivace("library", "export", library, "-o", output, *arguments)
    return output


def test_parquet_has_fixed_size_lists_and_units(library, embeddings, tmp_path):
    table = parquet.read_table(export(library, tmp_path / "out.parquet"))
    kind = table.schema.field("made-up.embedding").type
    assert kind.list_size == DIMENSION and str(kind.value_type) == "float"
    metadata = table.schema.field("tempo.bpm").metadata
    assert metadata[b"unit"] == b"BPM" and metadata[b"description"] == b"what tempo.bpm is"
    rows = {row["path"]: row for row in table.to_pylist()}
    assert len(rows) == len(embeddings) + 2
    for i, (path, embedding) in enumerate(embeddings.items()):
        assert np.array_equal(np.array(rows[path]["made-up.embedding"], "f4"), embedding)
        assert rows[path]["tempo.bpm"] == 100 + i
        assert [name for name, _ in rows[path]["made-up.tags"]] == ["rock", "jazz"]
        assert rows[path]["duration_s"] > 3 and rows[path]["level.rms_dbfs"] < 0
    (broken,) = [row for path, row in rows.items() if "broken" in path]
    assert broken["made-up.embedding"] is None and "not audio" in broken["failures"]


def test_duckdb_reads_parquet(library, embeddings, tmp_path):
    path = export(library, tmp_path / "out.parquet")
    with duckdb.connect() as connection:
        rows = connection.execute(
            'SELECT path, "made-up.embedding", "made-up.embedding"::FLOAT[12] AS v, array_cosine_similarity(v, v) '
            'FROM read_parquet(?) WHERE "made-up.embedding" IS NOT NULL ORDER BY "tempo.bpm"',
            [str(path)],
        ).fetchall()
    assert [path for path, *_ in rows] == list(embeddings)
    for path, embedding, _, similarity in rows:
        assert np.array_equal(np.array(embedding, "f4"), embeddings[path]) and similarity == pytest.approx(1)


def test_npy_is_a_matrix_with_an_index(library, embeddings, tmp_path):
    matrix = np.load(export(library, tmp_path / "out.npy"))
    assert matrix.shape == (len(embeddings), DIMENSION) and matrix.dtype == "f4"
    index = json_lines((tmp_path / "out.index.jsonl").read_text("utf-8"))
    for entry in index:
        if entry["row_count"] > 0:
            assert np.array_equal(matrix[entry["row"]], embeddings[entry["path"]])
    assert sum(entry["row_count"] for entry in index) == len(embeddings)


def test_csv_and_json_lines_say_the_same(library, embeddings, tmp_path):
    fields = ["--fields", "duration_s,tempo,key,made-up.tags"]
    with open(export(library, tmp_path / "out.csv", *fields), encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    lines = json_lines(export(library, tmp_path / "out.jsonl", *fields).read_text("utf-8"))
    assert list(lines[0]) == ["path", "duration_s", "tempo.bpm", "key.key", "key.scale", "made-up.tags"]
    assert [row["path"] for row in table] == [line["path"] for line in lines]
    for row, line in zip(table, lines):
        for name in ("duration_s", "tempo.bpm", "made-up.tags"):
            assert (json.loads(row[name]) if row[name] else None) == line[name]


def test_conditions_choose_tracks(library, embeddings, tmp_path):
    arguments = ["--fields", "path", "--where", "tempo.bpm>=103", "--where", "tempo.bpm<105"]
    said = vivace("library", "export", library, "-o", "-", "--format", "jsonl", *arguments).stdout
    assert {line["path"] for line in json_lines(said)} == set(list(embeddings)[3:5])


@pytest.fixture
def damaged(library, tmp_path):
    """A copy to be changed, and a function that runs a statement on it."""
    copy = shutil.copy(library, tmp_path / "music.db")

    def change(statement):
        with closing(sqlite3.connect(copy)) as connection, connection:
            connection.execute(statement)

    return copy, change


@pytest.mark.parametrize("name", ["out.npy", "out.parquet"])
def test_vector_of_another_length_is_told_and_left_out(damaged, embeddings, tmp_path, name):
    library, change = damaged
    change(
        """UPDATE features_made_up SET "made-up.embedding" = x'00000000'
        WHERE track = (SELECT id FROM tracks WHERE path LIKE '%/track 1.wav')"""
    )
    said = vivace("library", "export", library, "-o", tmp_path / name).stderr
    assert f"{next(iter(embeddings))}: 'made-up.embedding' has 1 numbers" in said
    said = vivace("library", "verify", library, status=SOME_FAILED).stderr
    assert "made-up.embedding: vectors of another length: 1" in said


@pytest.mark.parametrize("size", [10**12, -1])
def test_size_that_no_vector_has_is_refused(damaged, tmp_path, size):
    library, change = damaged
    change(f"UPDATE fields SET size = {size} WHERE name = 'made-up.embedding'")
    for command in ("verify", "stats"):
        said = vivace("library", command, library, status=NOTHING_COULD_RUN).stderr
        assert "'made-up.embedding' is said to hold" in said


@pytest.mark.parametrize("arguments", [["--fields", "nothing"], ["--where", "tempo.bpm"], ["--format", "xyz"]])
def test_what_is_not_there_is_refused(library, tmp_path, arguments):
    vivace("library", "export", library, "-o", tmp_path / "out.csv", *arguments, status=USAGE)
    assert list(tmp_path.iterdir()) == []
