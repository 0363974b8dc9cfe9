"""Audio that the end-to-end tests share. They are skipped where the program or its models are not there."""

import pytest

from audio import Melody
from program import EFFNET, MODELS, MUSICNN, PROGRAM


@pytest.fixture(scope="session", autouse=True)
def program_and_models():
    for path in (PROGRAM, MODELS / MUSICNN, MODELS / EFFNET):
        if not path.exists():
            pytest.fail(f"{path} is not there; run scripts/setup and ./run build")


@pytest.fixture(scope="session")
def melody():
    return Melody(30)


@pytest.fixture(scope="session")
def song(melody, tmp_path_factory):
    """A mono WAV file of 20 s at 16 kHz."""
    return melody.write(tmp_path_factory.mktemp("song") / "song.wav", 20)


@pytest.fixture(scope="session")
def tracks(melody, tmp_path_factory):
    """Twelve WAV files of 3.5 s to 9 s, the longest first, in their natural order."""
    folder = tmp_path_factory.mktemp("tracks")
    return [melody.write(folder / f"track {i + 1}.wav", 9 - i / 2, start=i) for i in range(12)]
