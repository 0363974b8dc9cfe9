"""`--timeseries`: the frames of features over time, in files that other programs open."""

import csv
import json
import shutil
from collections import Counter

import numpy as np
import pyarrow.parquet as parquet
import pytest

from program import MUSICNN, ROOT, SOME_FAILED, USAGE, json_lines, vivace

MUSIC = ROOT / "examples/music/Coherence.mp3"
CHOICE = ("--features", "spectral,loudness,chroma-stft", "--model", MUSICNN)


@pytest.fixture(scope="module")
def curves(tmp_path_factory):
    """What one track's NPZ holds, and the fields of the same run."""
    path = tmp_path_factory.mktemp("curves") / "frames.npz"
    fields = json.loads(vivace("features", MUSIC, *CHOICE, "--timeseries", path, "--json").stdout)
    with np.load(path) as arrays:
        return dict(arrays), fields


def names_of(arrays):
    return {name for name in arrays if not name.endswith((".start_s", ".step_s"))}


def test_frames_have_the_statistics_of_the_fields(curves):
    arrays, fields = curves
    for name in ("spectral.centroid_hz", "spectral.contrast_db", "spectral.zero_crossing_rate", "chroma.stft"):
        assert np.allclose(arrays[name].mean(axis=0), fields[f"{name}.mean"], rtol=1e-3, atol=2e-4), name
        assert np.allclose(arrays[name].std(axis=0), fields[f"{name}.std"], rtol=1e-2, atol=1e-3), name
    assert arrays["loudness.momentary_lufs"].max() == pytest.approx(fields["loudness.momentary_max_lufs"], abs=1e-4)
    assert arrays["chroma.stft"].shape[1] == 12
    activations = arrays[f"{MUSICNN}.activations"]
    assert activations.shape == (fields[f"{MUSICNN}.rows"], len(fields[f"{MUSICNN}.tags"]))
    means = sorted(fields[f"{MUSICNN}.tags"].values())  # the object's keys have lost the order of the labels
    assert np.allclose(sorted(activations.mean(axis=0)), means, atol=1e-4)


def test_frames_last_as_long_as_the_track(curves):
    arrays, fields = curves
    for name in names_of(arrays):
        start, step = float(arrays[f"{name}.start_s"]), float(arrays[f"{name}.step_s"])
        end = start + step * len(arrays[name])
        assert 0 <= start < 3.1 and fields["duration_s"] - 3.1 < end < fields["duration_s"] + 3.1, name


@pytest.mark.parametrize("extension", ["csv", "jsonl", "parquet"])
def test_tables_say_the_same(curves, tmp_path, extension):
    arrays, _ = curves
    path = tmp_path / f"frames.{extension}"
    vivace("features", MUSIC, *CHOICE, "--timeseries", path)
    if extension == "parquet":
        rows = parquet.read_table(path).to_pylist()
    elif extension == "jsonl":
        rows = json_lines(path.read_text("utf-8"))
    else:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    assert Counter(row["curve"] for row in rows) == {name: arrays[name].size for name in names_of(arrays)}
    row = [row for row in rows if row["curve"] == "chroma.stft"][12 * 7 + 5]
    assert float(row["value"]) == pytest.approx(float(arrays["chroma.stft"][7, 5]), rel=1e-6)
    assert int(row["column"]) == 5
    assert float(row["time_s"]) == pytest.approx(7 * float(arrays["chroma.stft.step_s"]))


def test_other_extensions_are_refused_before_the_work(tmp_path):
    refused = vivace("features", MUSIC, "--timeseries", tmp_path / "frames.xlsx", status=USAGE).stderr
    assert ".npz, .csv, .jsonl, .parquet" in refused


@pytest.fixture
def music(melody, tmp_path):
    folder = tmp_path / "my music"
    for i in range(3):
        (folder / f"album {i % 2}").mkdir(parents=True, exist_ok=True)
        melody.write(folder / f"album {i % 2}" / f"Song {i}.wav", 2, start=i)
    (folder / "broken.mp3").write_bytes(b"no music" * 20)
    return folder


def analyze(*arguments, status=SOME_FAILED):
    return vivace("analyze", *arguments, "--model", "none", status=status).stderr


def test_a_library_gets_a_folder_of_files(music, tmp_path):
    library, frames = tmp_path / "music.db", tmp_path / "frames"
    analyze(music, "-o", library, "--features", "spectral", "--timeseries", frames)
    found = sorted(str(path.relative_to(frames)) for path in frames.rglob("*.*"))
    assert found == ["album 0/Song 0.wav.npz", "album 0/Song 2.wav.npz", "album 1/Song 1.wav.npz"]
    said = analyze(music, "-o", library, "--features", "spectral", "--timeseries", frames, status=0)
    assert "0 tracks done" in said


def test_tracks_without_frames_are_done_once(music, tmp_path):
    options = ("-o", tmp_path / "music.db", "--features", "level", "--timeseries", tmp_path / "frames")
    analyze(music, *options)
    assert "0 tracks done" in analyze(music, *options, status=0)
    with np.load(tmp_path / "frames/album 1/Song 1.wav.npz") as arrays:
        assert list(arrays) == []


def test_missing_files_are_made_and_files_are_whole(music, tmp_path):
    library, frames = tmp_path / "music.db", tmp_path / "frames"
    analyze(music, "-o", library, "--features", "spectral")
    analyze(music, "-o", library, "--features", "spectral", "--timeseries", frames, status=0)
    assert len(list(frames.rglob("*.npz"))) == 3
    analyze(music, "-o", library, "--features", "spectral,loudness", "--timeseries", frames)
    with np.load(frames / "album 1/Song 1.wav.npz") as arrays:
        assert {"spectral.rms", "loudness.momentary_lufs"} <= set(arrays)


def test_folders_of_one_name_are_refused(music, tmp_path):
    other = shutil.copytree(music, tmp_path / "more" / music.name)
    refused = vivace(
        "analyze", music, other, "-o", tmp_path / "l.db", "--timeseries", tmp_path / "f", status=USAGE
    ).stderr
    assert "name of another folder" in refused


def test_two_folders_have_a_folder_each(music, melody, tmp_path):
    (tmp_path / "other").mkdir()
    melody.write(tmp_path / "other/Song.wav", 2)
    options = ("--features", "level,spectral", "--timeseries", tmp_path / "frames", "--timeseries-format", "csv")
    analyze(music, tmp_path / "other", "-o", tmp_path / "l.db", *options)
    assert (tmp_path / "frames/other/Song.wav.csv").is_file()
    assert (tmp_path / "frames" / music.name / "album 1/Song 1.wav.csv").is_file()
