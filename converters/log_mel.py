"""The log-mel front end that MusiCNN and Discogs-EffNet share, as manifest data."""

LOG_MEL_FRONT_END = {
    "type": "log-mel",
    "window": "hann-symmetric",
    "frame": 512,
    "hop": 256,
    "fft": 512,
    "centred": True,
    "spectrum": "power",
    "mel_scale": "slaney",
    "bands": 96,
    "low_hz": 0.0,
    "high_hz": 8000.0,
    "slopes": "hz",
    "normalisation": "unit-area",
    "log": "log10",
    "multiply": 10000.0,
    "add": 1.0,
    "mean": 0.0,
    "divisor": 1.0,
}
