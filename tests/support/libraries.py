"""Adds results to the database of a library as `vivace analyze` stores them, so that tests know what is in it."""

import hashlib
import json
import sqlite3
import struct
import time
from contextlib import closing


def vector(values):
    return struct.pack(f"<{len(values)}f", *values)


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


SQL_TYPES = {"number": "REAL", "integer": "INTEGER", "text": "TEXT", "vector": "BLOB", "named_numbers": "TEXT"}


def add_set(database, name, kind, fields, values, configuration="{}"):
    """Adds a feature set.

    `fields` are (name, type, size, unit), `values` {path: a value a field, as SQLite holds it}.
    """
    with closing(sqlite3.connect(database)) as connection:
        tracks = dict(connection.execute("SELECT path, id FROM tracks"))
        digest = hashlib.sha256(configuration.encode()).hexdigest()
        table = "features_" + name.replace("-", "_")
        (set_id,) = connection.execute(
            "INSERT INTO feature_sets (name, kind, description, table_name, version, configuration, configuration_hash)"
            " VALUES (?, ?, 'for a test', ?, 1, ?, ?) RETURNING id",
            (name, kind, table, configuration, digest),
        ).fetchone()
        columns = ", ".join(f"{quoted(field)} {SQL_TYPES[kind]}" for field, kind, _, _ in fields)
        connection.execute(f"CREATE TABLE {table} (track INTEGER PRIMARY KEY, {columns})")
        for position, (field, kind, size, unit) in enumerate(fields):
            row = (set_id, position, field, kind, size, unit, "", f"what {field} is")
            connection.execute("INSERT INTO fields VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        for path, row in values.items():
            marks = ", ?" * len(row)
            connection.execute(f"INSERT INTO {table} VALUES (?{marks})", (tracks[str(path)], *row))
            result = (tracks[str(path)], set_id, digest, time.time())
            connection.execute("INSERT INTO results VALUES (?, ?, 'done', 1, ?, 1.0, ?, NULL, NULL)", result)
        connection.commit()


def add_model(database, name, embeddings, tags=None, **options):
    """Adds the embeddings of a model, {path: numbers}, and its tags, {path: {name: number}}."""
    size = len(next(iter(embeddings.values())))
    fields = [(f"{name}.embedding", "vector", size, ""), (f"{name}.tags", "named_numbers", 0, "")]
    values = {path: (vector(row), json.dumps((tags or {}).get(path, {}))) for path, row in embeddings.items()}
    add_set(database, name, "model", fields, values, **options)


def add_music(database, values):
    """Adds tempo, key, scale, loudness and danceability: {path: five values}."""
    fields = [
        ("tempo.bpm", "number", 0, "BPM"),
        ("key.key", "text", 0, ""),
        ("key.scale", "text", 0, ""),
        ("loudness.integrated_lufs", "number", 0, "LUFS"),
        ("danceability.dfa", "number", 0, ""),
    ]
    add_set(database, "music", "feature", fields, values)
