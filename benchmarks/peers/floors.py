"""What `vivace embed` is to reach beside its peers and by itself, and whether a figure does."""

# Model -> peer -> how many times vivace's time the peer takes, at least; with one worker, and with two.
SPEED = {"effnet": {"essentia": 2.8, "python": 1.2}, "musicnn": {"essentia": 2.1, "python": 1.05}}
COLD_SPEED = 4.0  # times, from the start of the process to its first vector, each of these peers
MEMORY = 3.0  # times vivace's peak memory, each of these peers

SCALING = 1.85  # two workers against one
LIMIT = 1.10  # core-seconds against decoding and inference alone
WARM_START_S = 0.4  # from the start of the process to the first result of 30 s
PEAK_MB = {"effnet": (200, 60), "musicnn": (260, 150)}  # model -> of one worker, of each further one
LONG_FILE = 1.05  # peak memory for three hours against that for four minutes
GROWTH_MB = 5.0  # while a thousand tracks go by, after the first hundred


def at_least(text, value, floor):
    """The text of a figure, its floor, and whether it is met."""
    return f"{text} (≥ {floor:g}: {verdict(value >= floor)})"


def at_most(text, value, ceiling):
    """The text of a figure, its ceiling, and whether it is met."""
    return f"{text} (≤ {ceiling:g}: {verdict(value <= ceiling)})"


def verdict(met):
    return "met" if met else "**MISSED**"


def peak_mb(model, workers):
    """The most memory that a number of workers may have."""
    one, further = PEAK_MB[model]
    return one + (workers - 1) * further
