"""Chains of an extractor and heads on its embeddings."""

import shutil
from pathlib import Path

import numpy
import onnxruntime
import pytest

from models import replace_in_manifest
from program import EFFNET, MODELS, convert, embed, environment, labels
from records import TOLERANCE, assert_close

TASKS = {"danceability": ["danceable", "not_danceable"], "mood_party": ["non_party", "party"]}
HEAD = "danceability"


@pytest.fixture(scope="module")
def heads(tmp_path_factory):
    """A folder of models with a head for each of TASKS on the embeddings of the seeded EffNet."""
    folder = tmp_path_factory.mktemp("heads")
    for task in TASKS:
        convert("classifier_head.py", "--task", task, "--extractor", EFFNET, "-o", folder)
    return folder


@pytest.fixture(scope="module")
def env(heads):
    """The environment in which they are found."""
    return environment([MODELS, heads])


def head_rows(folder, embeddings):
    """[rows, labels]: what ONNX Runtime makes of embeddings with the graph of a head."""
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    (rows,) = session.run(["activations"], {"embeddings": numpy.array(embeddings, numpy.float32)})
    return rows


def test_head_adds_its_labels_and_leaves_the_extractors_as_they_are(song, env):
    (record,) = embed(song, "-m", f"{EFFNET}+{HEAD}", "--rows", env=env)
    (alone,) = embed(song, "-m", EFFNET, "--rows")
    assert list(record["tags"]) == labels(EFFNET) + TASKS[HEAD]
    assert_close(record["embeddings"], alone["embeddings"])
    assert_close(numpy.array(record["activations"])[:, :400], alone["activations"])


def test_probabilities_of_a_head_sum_to_one(song, env):
    (record,) = embed(song, "-m", f"{EFFNET}+{HEAD}", "--rows", env=env)
    assert sum(record["tags"][label] for label in TASKS[HEAD]) == pytest.approx(1, abs=TOLERANCE)
    assert numpy.sum(numpy.array(record["activations"])[:, 400:], axis=1) == pytest.approx(1, abs=TOLERANCE)


def test_two_heads_give_what_their_graphs_give_for_each_row(song, heads, env):
    (record,) = embed(song, "-m", "+".join([EFFNET, *TASKS]), "--rows", env=env)
    expected = [head_rows(heads / f"{task}-seeded", record["embeddings"]) for task in TASKS]
    assert_close(numpy.array(record["activations"])[:, 400:], numpy.concatenate(expected, axis=1))
    added = [label for names in TASKS.values() for label in names]
    assert list(record["tags"]) == labels(EFFNET) + added
    means = numpy.concatenate(expected, axis=1).mean(axis=0)
    assert_close([record["tags"][label] for label in added], means)


def test_label_that_is_taken_gets_the_name_of_its_head(song, heads, tmp_path):
    twin = Path(shutil.copytree(heads / f"{HEAD}-seeded", tmp_path / "twin"))
    replace_in_manifest(twin, f'name = "{HEAD}-seeded"', 'name = "twin"')
    env = environment([MODELS, heads, tmp_path])
    (record,) = embed(song, "-m", f"{EFFNET}+{HEAD}+twin", env=env)
    assert list(record["tags"])[400:] == [*TASKS[HEAD], *(f"twin/{label}" for label in TASKS[HEAD])]
    for label in TASKS[HEAD]:
        assert record["tags"][f"twin/{label}"] == record["tags"][label]


def test_chain_is_recorded_by_the_names_and_hashes_of_its_parts(song, env):
    (record,) = embed(song, "-m", f"{EFFNET}+{HEAD}", env=env)
    (alone,) = embed(song, "-m", EFFNET)
    assert record["model"] == f"{EFFNET}+{HEAD}-seeded"
    extractor_hash, head_hash = record["model_sha256"].split("+")
    assert extractor_hash == alone["model_sha256"] != head_hash


def test_head_by_its_full_name_is_the_head_by_its_task(song, env):
    full_name = embed(song, "-m", f"{EFFNET}+{HEAD}-seeded", env=env)
    assert full_name == embed(song, "-m", f"{EFFNET}+{HEAD}", env=env)


def test_top_keeps_the_labels_of_heads(song, env):
    (record,) = embed(song, "-m", f"{EFFNET}+{HEAD}", "--top", "3", env=env)
    assert len(record["tags"]) == 3 + 2
    assert list(record["tags"])[3:] == TASKS[HEAD]
