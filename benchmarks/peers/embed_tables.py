"""The measured runs of embed.py and the Markdown tables made of them."""

import json
import statistics
from dataclasses import asdict, dataclass

import floors
from process import Cost


@dataclass(frozen=True)
class Run:
    """One measured run; `cost` is for all of `tracks`."""

    peer: str
    model: str
    workers: int
    tracks: int
    cost: Cost

    def steady_seconds(self):
        """Median seconds a track by the peer's own clock, its first track left out; None where it does not tell."""
        lines = [json.loads(line) for text in self.cost.output for line in text.splitlines()[1:]]
        return statistics.median(line["seconds"] for line in lines) if lines and "seconds" in lines[0] else None

    def record(self):
        """The run as plain values for JSON."""
        cost = {key: value for key, value in asdict(self.cost).items() if key != "output"}
        return {
            "peer": self.peer,
            "model": self.model,
            "workers": self.workers,
            "tracks": self.tracks,
            **cost,
            "steady_seconds": self.steady_seconds(),
        }


def spread(values, form="{:.2f}"):
    """Median and range of some values as text."""
    low, middle, high = (form.format(f(values)) for f in (min, statistics.median, max))
    return middle if low == high else f"{middle} ({low} … {high})"


def grouped(runs):
    """Runs by (model, workers), then by peer, in the order of their first run."""
    groups = {}
    for run in runs:
        groups.setdefault((run.model, run.workers), {}).setdefault(run.peer, []).append(run)
    return groups


def speed_table(runs):
    """Markdown: what each peer needs for all tracks."""
    lines = [
        "| model | workers | program | s a track | by its own clock | core-s a track | tracks/h | times vivace's time "
        "| peak MB | times vivace's memory |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for (model, workers), peers in grouped(runs).items():
        for peer, same in peers.items():
            tracks = same[0].tracks
            steady = [run.steady_seconds() for run in same if run.steady_seconds()]
            cells = [
                model,
                workers,
                peer,
                spread([run.cost.wall / tracks for run in same]),
                spread(steady) if steady else "",
                spread([run.cost.cpu / tracks for run in same]),
                f"{3600 * tracks / median_wall(same):.0f}",
                time_cell(same, peers.get("vivace")),
                peak_cell(same),
                memory_cell(same, peers.get("vivace")),
            ]
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def time_cell(same, ours):
    """How many times vivace's time a peer takes, and its floor."""
    if not ours:
        return ""
    ratio = median_wall(same) / median_wall(ours)
    text = f"{ratio:.2f}"
    return floors.at_least(text, ratio, floors.SPEED[same[0].model][same[0].peer]) if judged(same) else text


def judged(same):
    """Whether there are floors for the peer of some runs."""
    return same[0].peer in floors.SPEED[same[0].model]


def peak_cell(same):
    """Peak memory; that of vivace has a ceiling."""
    peaks = [run.cost.peak_mb for run in same]
    text = spread(peaks, "{:.0f}")
    if same[0].peer != "vivace":
        return text
    return floors.at_most(text, max(peaks), floors.peak_mb(same[0].model, same[0].workers))


def memory_cell(same, ours):
    """How many times vivace's peak memory a peer takes, and its floor."""
    if not ours:
        return ""
    ratio = median_peak(same) / median_peak(ours)
    text = f"{ratio:.2f}"
    return floors.at_least(text, ratio, floors.MEMORY) if judged(same) else text


def median_wall(runs):
    """Median wall seconds."""
    return statistics.median(run.cost.wall for run in runs)


def median_peak(runs):
    """Median peak memory in MB."""
    return statistics.median(run.cost.peak_mb for run in runs)


def median_start(runs):
    """Median seconds to the first line."""
    return statistics.median(run.cost.first_line for run in runs)


def scaling_table(runs):
    """Markdown: how much faster two workers are than one."""
    groups = grouped(runs)
    lines = ["| model | program | two workers against one |", "|---|---|---|"]
    for (model, workers), peers in groups.items():
        if workers == 1:
            for peer, single in peers.items():
                ratio = median_wall(single) / median_wall(groups[model, 2][peer])
                text = f"{ratio:.2f}"
                cell = floors.at_least(text, ratio, floors.SCALING) if peer == "vivace" else text
                lines.append(f"| {model} | {peer} | {cell} |")
    return "\n".join(lines)


def cold_table(runs):
    """Markdown: time to the first vector."""
    lines = ["| model | program | s to the first vector | times vivace's time | peak MB |", "|---|---|---|---|---|"]
    for (model, _), peers in grouped(runs).items():
        for peer, same in peers.items():
            cells = [
                model,
                peer,
                spread([run.cost.first_line for run in same]),
                start_cell(same, peers.get("vivace")),
                spread([run.cost.peak_mb for run in same], "{:.0f}"),
            ]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def start_cell(same, ours):
    """How many times vivace's time to the first vector a peer takes, and its floor."""
    if not ours:
        return ""
    ratio = median_start(same) / median_start(ours)
    text = f"{ratio:.2f}"
    return floors.at_least(text, ratio, floors.COLD_SPEED) if judged(same) else text


def warm_table(runs):
    """Markdown: vivace's time to the first vector with all files in the page cache."""
    lines = ["| model | s to the first vector |", "|---|---|"]
    for (model, _), peers in grouped(runs).items():
        (same,) = peers.values()
        text = spread([run.cost.first_line for run in same])
        lines.append(f"| {model} | {floors.at_most(text, median_start(same), floors.WARM_START_S)} |")
    return "\n".join(lines)


def limit_table(figures):
    """Markdown: core-seconds a track beside the limit."""
    lines = [
        "| model | vivace | ffmpeg's decoding | patches in ONNX Runtime | vivace / limit |",
        "|---|---|---|---|---|",
    ]
    for model in dict.fromkeys(figure["model"] for figure in figures):
        same = [figure for figure in figures if figure["model"] == model]
        cells = [spread([figure[key] for figure in same]) for key in ("vivace", "decode", "inference", "ratio")]
        median = statistics.median(figure["ratio"] for figure in same)
        cells[-1] = floors.at_most(cells[-1], median, floors.LIMIT)
        lines.append(f"| {model} | {' | '.join(cells)} |")
    return "\n".join(lines)


def memory_table(figures):
    """Markdown: memory for a long file and while many short ones go by."""
    lines = [
        "| model | peak MB, one track | peak MB, three hours | three hours / one track | MB when warm | MB at the end "
        "| growth |",
        "|---|---|---|---|---|---|---|",
    ]
    for figure in figures:
        short, long = figure["track_peak_mb"], figure["three_hours_peak_mb"]
        ratio = floors.at_most(f"{long / short:.3f}", long / short, floors.LONG_FILE)
        lines.append(f"| {figure['model']} | {short:.0f} | {long:.0f} | {ratio} | {growth_cells(figure)} |")
    return "\n".join(lines)


def growth_cells(figure):
    """Three cells: memory when warm, at the end, and the growth with its ceiling."""
    warm, end = figure["warm_mb"], figure["end_mb"]
    if not warm:
        return " | | "
    return f"{warm:.0f} | {end:.0f} | {floors.at_most(f'{end - warm:.1f}', end - warm, floors.GROWTH_MB)}"
