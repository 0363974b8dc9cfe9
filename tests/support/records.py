"""Compares what the program says of the same music in two ways."""

from vectors import largest_difference

# The largest difference of two numbers that stand for the same; embeddings reach 10, activations 1.
TOLERANCE = 1e-5

VECTORS = ["embedding", "embeddings", "activations"]


def assert_close(found, expected):
    """Equal shapes, and no number further from the expected one than the tolerance."""
    assert largest_difference(found, expected) <= TOLERANCE


def assert_same_numbers(found, expected):
    """Two lists of records, with rows, that hold the same tags and vectors."""
    assert len(found) == len(expected)
    for a, b in zip(found, expected):
        for name in VECTORS:
            assert_close(a[name], b[name])
        assert a["tags"].keys() == b["tags"].keys()
        assert_close(list(a["tags"].values()), list(b["tags"].values()))
