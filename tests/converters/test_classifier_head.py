"""Classifier heads with seeded weights: graph, manifest and published form."""

import json

import numpy
import pytest

import classifier_head
from model_checks import check_tensors, open_session, read_manifest
from onnx_graph import serialise


def run_converter(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["classifier_head.py", *map(str, arguments)])
    classifier_head.main()


@pytest.mark.parametrize("names", sorted(classifier_head.TENSOR_NAMES))
def test_rows_are_probabilities_that_depend_on_the_input(names):
    session = open_session(serialise(classifier_head.build("mood_happy", names, seed=1)))
    rows = numpy.abs(numpy.random.default_rng(1).normal(0, 0.5, (64, 1280))).astype(numpy.float32)
    (probabilities,) = session.run(None, {session.get_inputs()[0].name: rows})
    assert probabilities.shape == (64, 2)
    assert numpy.abs(probabilities.sum(axis=1) - 1).max() < 1e-6
    assert probabilities[:, 0].std() > 0.05


def test_same_seed_gives_the_same_bytes_and_another_seed_others():
    first, same, other = (serialise(classifier_head.build("timbre", "official", seed)) for seed in (1, 1, 2))
    assert first == same != other


@pytest.mark.parametrize("names", sorted(classifier_head.TENSOR_NAMES))
def test_folder_keeps_what_its_manifest_promises(monkeypatch, tmp_path, names):
    run_converter(monkeypatch, "--task", "danceability", "--names", names, "-o", tmp_path)
    manifest = read_manifest(tmp_path / "danceability-seeded")
    check_tensors(tmp_path / "danceability-seeded", manifest)
    assert manifest["extractor"] == {"name": "discogs-effnet-seeded", "dimension": 1280}
    assert manifest["activations"] == {"kind": "softmax", "labels": ["danceable", "not_danceable"]}


def test_published_form_leaves_the_batch_axis_out(monkeypatch, tmp_path):
    run_converter(monkeypatch, "--task", "mood_sad", "--raw", tmp_path)
    fields = json.loads((tmp_path / "mood_sad-discogs-effnet-1.json").read_text("utf-8"))
    assert fields["classes"] == ["non_sad", "sad"]
    assert fields["schema"]["inputs"] == [{"name": "model/Placeholder", "type": "float", "shape": [1280]}]
    assert fields["schema"]["outputs"][0]["shape"] == [2]
    assert open_session(tmp_path / "mood_sad-discogs-effnet-1.onnx").get_inputs()[0].name == "embeddings"


def test_nothing_to_write_is_a_usage_error(monkeypatch, capsys):
    with pytest.raises(SystemExit) as ended:
        run_converter(monkeypatch, "--task", "timbre")
    assert ended.value.code == 2
    assert "--output, --raw or both" in capsys.readouterr().err
