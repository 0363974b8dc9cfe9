"""The export of HTDemucs as far as it needs no PyTorch: arguments and manifests. The graphs are compared with the
original by benchmarks/peers/separate_parity.py."""

import sys

import pytest

import htdemucs
from model_checks import read_manifest

GRAPHS = [b"graph", b"another", b"third", b"fourth"]


def write(folder, stems=4, bag=1):
    weights = htdemucs.identity_weights(bag, stems)
    name = htdemucs.seeded_name(stems, bag, "spectrum")
    return htdemucs.write_model(folder, name, htdemucs.STEMS[stems], GRAPHS[:bag], weights, htdemucs.seeded_facts())


@pytest.mark.parametrize("stems", [4, 6])
def test_manifest_of_one_network(tmp_path, stems):
    manifest = read_manifest(write(tmp_path, stems))
    assert (manifest["task"], manifest["family"]) == ("separate", "htdemucs")
    assert manifest["audio"] == {"sample_rate": 44100, "resampler": "soxr-hq"}
    assert manifest["separation"] == {"stems": ["drums", "bass", "other", "vocals", "guitar", "piano"][:stems]}
    assert [(file["role"], file["path"]) for file in manifest["files"]] == [("graph", "model.onnx")]
    assert "bag" not in manifest


def test_manifest_of_a_bag_names_a_file_and_weights_for_each_network(tmp_path):
    manifest = read_manifest(write(tmp_path, bag=4))
    assert [(file["role"], file["path"]) for file in manifest["files"]] == [
        ("graph", "model.onnx"),
        ("graph-2", "model-2.onnx"),
        ("graph-3", "model-3.onnx"),
        ("graph-4", "model-4.onnx"),
    ]
    assert manifest["bag"] == [
        {"role": "graph", "weights": [1.0, 0.0, 0.0, 0.0]},
        {"role": "graph-2", "weights": [0.0, 1.0, 0.0, 0.0]},
        {"role": "graph-3", "weights": [0.0, 0.0, 1.0, 0.0]},
        {"role": "graph-4", "weights": [0.0, 0.0, 0.0, 1.0]},
    ]


def test_last_network_makes_the_stems_that_have_none_of_their_own():
    assert htdemucs.identity_weights(2, 4) == [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 1.0, 1.0]]


@pytest.mark.parametrize(
    ("stems", "bag", "form", "name"),
    [
        (4, 1, "spectrum", "htdemucs-seeded"),
        (6, 1, "spectrum", "htdemucs-6s-seeded"),
        (4, 4, "spectrum", "htdemucs-ft-seeded"),
        (4, 1, "waveform", "htdemucs-waveform-seeded"),
    ],
)
def test_seeded_models_have_names_that_say_what_they_are(stems, bag, form, name):
    assert htdemucs.seeded_name(stems, bag, form) == name


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([[1, 0, 0, 0]], "must be 2, once a checkpoint"),
        ([[1, 0, 0, 0], [0, 1, 1]], "has 3 numbers; it must be 4"),
        ([[1, 0, 0, 0], [0, 1, 1, 0]], "no weight in any network"),
    ],
)
def test_weights_that_do_not_fit_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        htdemucs.check_weights(weights, networks=2, stems=4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "one of the arguments --checkpoint --seeded is required"),
        (["--seeded", "--checkpoint", "a.th"], "not allowed with argument"),
        (["--seeded", "--weights", "1,0,0,0"], "--weights is for --checkpoint"),
        (["--seeded", "--licence", "MIT"], "--licence is for --checkpoint"),
        (["--seeded", "--stems", "5"], "invalid choice: 5"),
        (["--seeded", "--bag", "0"], "invalid choice: 0"),
        (["--seeded", "--form", "wave"], "invalid choice: 'wave'"),
        (["--seeded", "--name", "../elsewhere"], "a name has letters"),
        (["--checkpoint", "a.th"], "needs --name"),
        (["--checkpoint", "a.th", "--name", "a", "--stems", "4"], "for --seeded"),
        (["--checkpoint", "a.th", "--name", "a", "--weights", "1,x"], "argument --weights"),
        (["--checkpoint", "a.th", "--name", "a", "--weights=-1,0"], "argument --weights"),
        (["--checkpoint", "a.th", "--name", "a", "--weights", "1,nan"], "argument --weights"),
        (["--checkpoint", "a.th", "--checkpoint", "b.th", "--name", "a", "--weights", "1,0,0,0"], "once for each"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments, message, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", ["htdemucs.py", *arguments, "-o", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        htdemucs.main()
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_pytorch_the_message_says_what_is_needed(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "htdemucs_export", None)
    monkeypatch.setattr(sys, "argv", ["htdemucs.py", "--seeded", "-o", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        htdemucs.main()
    assert ended.value.code == 1
    assert "needs demucs 4.1.0, torch, onnx and onnxruntime" in capsys.readouterr().err
