"""The measured runs of embed.py and the Markdown tables made of them."""

import json
import statistics
from dataclasses import asdict, dataclass

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
        "| model | workers | program | s a track | by its own clock | core-s a track | tracks/h | peak MB "
        "| times vivace's time |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for (model, workers), peers in grouped(runs).items():
        ours = median_wall(peers["vivace"]) if "vivace" in peers else None
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
                spread([run.cost.peak_mb for run in same], "{:.0f}"),
                f"{median_wall(same) / ours:.2f}" if ours else "",
            ]
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def median_wall(runs):
    """Median wall seconds."""
    return statistics.median(run.cost.wall for run in runs)


def scaling_table(runs):
    """Markdown: how much faster two workers are than one."""
    groups = grouped(runs)
    lines = ["| model | program | two workers against one |", "|---|---|---|"]
    for (model, workers), peers in groups.items():
        if workers == 1:
            for peer, single in peers.items():
                ratio = median_wall(single) / median_wall(groups[model, 2][peer])
                lines.append(f"| {model} | {peer} | {ratio:.2f} |")
    return "\n".join(lines)


def cold_table(runs):
    """Markdown: time to the first vector."""
    lines = ["| model | program | s to the first vector | peak MB |", "|---|---|---|---|"]
    for (model, _), peers in grouped(runs).items():
        for peer, same in peers.items():
            first, peak = [run.cost.first_line for run in same], [run.cost.peak_mb for run in same]
            lines.append(f"| {model} | {peer} | {spread(first)} | {spread(peak, '{:.0f}')} |")
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
        lines.append(f"| {model} | {' | '.join(cells)} |")
    return "\n".join(lines)


def memory_table(figures):
    """Markdown: memory for a long file and while many short ones go by."""
    lines = ["| model | peak MB, three hours | MB when warm | MB at the end | growth |", "|---|---|---|---|---|"]
    for figure in figures:
        warm, end = figure["warm_mb"], figure["end_mb"]
        tail = f"{warm:.0f} | {end:.0f} | {end - warm:.1f}" if warm else "| |"
        lines.append(f"| {figure['model']} | {figure['three_hours_peak_mb']:.0f} | {tail} |")
    return "\n".join(lines)
