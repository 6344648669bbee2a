"""Plots of a report as SVG: the same report gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from models.evaluation.importance_plots import write
from models.evaluation.protocols import PROTOCOLS
from models.evaluation.report import Report
from models.evaluation.scores import BINS, Tally
from scaleglove.letters import LETTERS


def draw_all(report: Report, shown: str, titles: dict[str, str], folder: Path) -> dict[str, Path]:
    """Draw every plot that the report has figures for into the folder; return their paths by name.

    Args:
        report: of `models.evaluation.report`.
        shown: family whose confusion and reliability are drawn.
        titles: of the protocols, in the order in which to show them.
        folder: created if missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    families: dict[str, Any] = report["families"]
    plots: dict[str, Callable[[], Figure]] = {
        "protocols": lambda: _by_protocol(families, titles),
        "frames": lambda: _by_frames(families, titles),
    }
    hardest = [name for name in PROTOCOLS if name in families[shown]["protocols"]][-1]
    tally = Tally.from_dict(families[shown]["protocols"][hardest])
    plots["confusion"] = lambda: _confusion(tally, report["data"].get("labels", LETTERS), f"{shown}, {titles[hardest]}")
    plots["reliability"] = lambda: _reliability(tally, f"{shown}, {titles[hardest]}")
    written = {}
    for name, draw in plots.items():
        written[name] = folder / f"{name}.svg"
        write(draw, written[name])
    return written


def _by_protocol(families: dict[str, Any], titles: dict[str, str]) -> Figure:
    figure = Figure(figsize=(9, 0.9 + 0.75 * len(titles)))
    axes = figure.subplots()
    height = 0.8 / len(families)
    for number, (name, family) in enumerate(families.items()):
        known = [(place, family["protocols"][key]) for place, key in enumerate(titles) if key in family["protocols"]]
        axes.barh(
            [place + (number - (len(families) - 1) / 2) * height for place, _ in known],
            [protocol["mean"] for _, protocol in known],
            height,
            xerr=[protocol["sd"] or 0 for _, protocol in known],
            label=name,
        )
    axes.set_yticks(range(len(titles)), list(titles.values()))
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("accuracy, %")
    figure.legend(loc="outside upper center", ncols=3)
    return figure


def _by_frames(families: dict[str, Any], titles: dict[str, str]) -> Figure:
    protocols = [name for name in PROTOCOLS if any(name in family["protocols"] for family in families.values())]
    figure = Figure(figsize=(9, 3.4))
    panels: Sequence[Axes] = figure.subplots(1, len(protocols), sharey=True, squeeze=False)[0]
    for axes, protocol in zip(panels, protocols, strict=True):
        for name, family in families.items():
            figures = family["protocols"][protocol]["by_frames"]
            seen = [int(frames) for frames in figures]
            means = [of_length["mean"] for of_length in figures.values()]
            axes.plot(seen, means, label=name, marker=".")
        axes.set_xscale("log", base=2)
        axes.set_xticks(seen, map(str, seen))
        axes.minorticks_off()
        axes.set_title(titles[protocol])
        axes.set_xlabel("frames seen")
    panels[0].set_ylim(0, 101)
    panels[0].set_ylabel("accuracy, %")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def _confusion(tally: Tally, labels: Sequence[str], title: str) -> Figure:
    percent = 100 * tally.confusion / np.maximum(tally.confusion.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(6.4, 5.6))
    axes = figure.subplots()
    image = axes.imshow(percent, cmap="Blues", vmin=0, vmax=100)
    axes.grid(visible=False)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("letter named")
    axes.set_ylabel("letter shown")
    axes.set_title(title)
    figure.colorbar(image, label="% of the letter shown")
    return figure


def _reliability(tally: Tally, title: str) -> Figure:
    figure = Figure(figsize=(5, 4.2))
    axes = figure.subplots()
    bins = tally.bins
    used = bins.count > 0
    left = np.arange(BINS)[used] / BINS
    axes.bar(left, bins.right[used] / bins.count[used], 1 / BINS, align="edge", edgecolor="white", label="right")
    axes.plot(bins.confidence[used] / bins.count[used], bins.right[used] / bins.count[used], "k.", label="a bin")
    axes.plot([0, 1], [0, 1], "k--", linewidth=1, label="calibrated")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("confidence")
    axes.set_ylabel("accuracy")
    axes.set_title(f"{title}:\ncalibration error {tally.calibration_error:.1f} %")
    axes.legend(loc="upper left")
    return figure
