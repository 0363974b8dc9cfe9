"""Audio that the end-to-end tests share. Without the program and its models every test fails."""

import pytest

import program
from audio import Melody, example_music
from program import EFFNET, MODELS, MTT_MUSICNN, MUSICNN, PROGRAM


@pytest.fixture(scope="session", autouse=True)
def program_and_models():
    """Fails where set-up or build did not run."""
    for path in (PROGRAM, MODELS / MUSICNN, MODELS / MTT_MUSICNN, MODELS / EFFNET):
        if not path.exists():
            pytest.fail(f"{path} is not there; run scripts/setup and ./run build")


@pytest.fixture(scope="session")
def melody():
    """Half a minute of made-up music, to be cut into tracks."""
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


@pytest.fixture(scope="session")
def examples():
    """Real music: 20 s each in OGG, MP3 and M4A."""
    return example_music()


@pytest.fixture(scope="module")
def only_levels():
    """Analyses measure levels alone, which costs nearly nothing."""
    program.settings["VIVACE_FEATURES"] = "level"
    yield
    program.settings.clear()
