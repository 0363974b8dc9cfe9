"""Memory of `vivace embed` with one worker: within its limit, and no more for half an hour than for a minute."""

import pytest

from audio import repeated
from program import EFFNET, MUSICNN, peak_megabytes

LIMITS_MB = {MUSICNN: 260, EFFNET: 200}


@pytest.fixture(scope="module")
def minute(song, tmp_path_factory):
    """A WAV file of 60 s."""
    return repeated(song, tmp_path_factory.mktemp("memory") / "minute.wav", 3)


@pytest.mark.parametrize("model", LIMITS_MB)
def test_peak_is_within_the_limit_and_does_not_grow_with_the_track(minute, tmp_path, model):
    half_an_hour = repeated(minute, tmp_path / "half an hour.wav", 30)
    options = ["-m", model, "--threads", "1", "--quiet", "-o", tmp_path / "out.jsonl"]
    short, long = (peak_megabytes("embed", track, *options) for track in (minute, half_an_hour))
    assert long <= LIMITS_MB[model]
    assert long <= 1.05 * short
