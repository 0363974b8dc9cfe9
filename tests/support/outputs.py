"""Reads what `vivace embed -o` writes, every format into the records that JSON lines hold.

Numbers are rounded to float32, since that is what vectors and tags are stored as in the binary formats.
"""

import csv
import json
import sqlite3
import sys
from contextlib import closing

import numpy
import pyarrow.parquet

TEXTS = {"path", "status", "note", "model", "model_sha256", "front_end", "resampler"}
VECTORS = {"embedding", "times_s"}

csv.field_size_limit(sys.maxsize)


def read_output(path):
    """The records of an output in their order."""
    readers = {".csv": read_csv, ".jsonl": read_jsonl, ".npy": read_npy, ".db": read_db, ".parquet": read_parquet}
    return [float32(record) for record in readers[path.suffix](path)]


def float32(value):
    """The value with all its numbers rounded to float32."""
    if isinstance(value, dict):
        return {name: float32(part) for name, part in value.items()}
    if isinstance(value, list):
        return [float32(part) for part in value]
    return float(numpy.float32(value)) if isinstance(value, float) else value


def read_jsonl(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return [from_cells(row) for row in csv.DictReader(file)]


def from_cells(row):
    record = {
        name: cell if name in TEXTS else json.loads(cell)
        for name, cell in row.items()
        if cell and not name.startswith("error.")
    }
    return dict.fromkeys(fields_of(row)) | record | error_of(row)


def read_db(path):
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        return [from_columns(dict(row)) for row in database.execute("SELECT * FROM tracks ORDER BY rowid")]


def from_columns(row):
    record = {name: from_column(name, value, row) for name, value in row.items() if not name.startswith("error.")}
    return dict.fromkeys(fields_of(row)) | record | error_of(row)


def from_column(name, value, row):
    if value is None:
        return None
    if name == "truncated":
        return bool(value)
    if name == "tags":
        return json.loads(value)
    if name in VECTORS:
        return numpy.frombuffer(value, "<f4").tolist()
    if name in ("embeddings", "activations"):
        return numpy.frombuffer(value, "<f4").reshape(row["rows"], -1).tolist()
    return value


def fields_of(row):
    """The names of a flat format's columns as JSON lines have them."""
    return ["error" if name == "error.code" else name for name in row if name != "error.message"]


def error_of(row):
    return {"error": {"code": row["error.code"], "message": row["error.message"]} if row["error.code"] else None}


def read_parquet(path):
    records = pyarrow.parquet.read_table(path).to_pylist()
    return [record | {"tags": record["tags"] and dict(record["tags"])} for record in records]


def read_npy(path):
    """The matrix holds the field `embeddings` where there are rows, else `embedding`."""
    matrix = numpy.load(path)
    records = read_jsonl(path.with_suffix(".index.jsonl"))
    for record in records:
        first, count = record.pop("row"), record.pop("row_count")
        vectors = matrix[first : first + count].tolist()
        if "embedding" in record:
            record["embeddings"] = vectors or None
        else:
            record["embedding"] = vectors[0] if vectors else None
    return records
