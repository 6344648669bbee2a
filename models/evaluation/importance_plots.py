"""Plots as SVG in one style, with the same bytes for the same figures: weight importance before and after training.

The colours are Okabe and Ito's, distinguishable with colour blindness (https://jfly.uni-koeln.de/color/); scales differ
by marker as well.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from models.runtime.contract import ScaleNorms
from scaleglove.errors import ScaleGloveError
from scaleglove.scales import SCALES

STYLE = mpl.RcParams(
    {
        "svg.fonttype": "none",  # letters stay text: the viewer has the Hangul font, this computer may not
        "svg.hashsalt": "scaleglove",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": "#dddddd",
        "font.size": 9,
        "figure.constrained_layout.use": True,
    }
)

_COLOURS = {3: "#0072B2", 5: "#E69F00", 7: "#009E73"}
_MARKERS = {3: "o", 5: "s", 7: "^"}
_SIDESTEP = 0.12
"""Offset of the scales along the axis, so that they do not cover each other."""


class PlotError(ScaleGloveError):
    """Raised for trainings that cannot be shown in one plot."""


@dataclass(frozen=True, slots=True)
class Training:
    """Norms of the input weights of one training, before its first step and after its last."""

    model: str
    seed: int
    initial: ScaleNorms
    trained: ScaleNorms


Row = dict[str, str | int | float | None]


def write(draw: Callable[[], Figure], path: Path) -> None:
    """Write a plot in the style of this project.

    Raises:
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from")  # only the width of a glyph is guessed
        draw().savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def importance_rows(trainings: Sequence[Training]) -> list[Row]:
    """Return a row for each layer, gate and scale: mean norm before and after training, the mean change in percent, and
    its sample standard deviation over seeds (None for one seed). Where a gate ranks the same scale first in every seed,
    `first_in_all` is 1 in that scale's row, and 0 in all others.

    Raises:
        PlotError: there are no trainings, or they are of different networks, or two are of one seed.
    """
    if not trainings:
        raise PlotError("importance needs at least one checkpoint")
    if len(models := sorted({training.model for training in trainings})) > 1:
        raise PlotError(f"one plot is of one network, not of {', '.join(models)}")
    if len({training.seed for training in trainings}) < len(trainings):
        raise PlotError("each checkpoint needs another seed")
    return [
        _row(trainings, layer, gate, scale)
        for layer, gates in trainings[0].trained.items()
        for gate, scales in gates.items()
        for scale in scales
    ]


def importance_table(rows: Sequence[Row]) -> list[str]:
    """Return the rows as lines of Markdown."""
    lines = [
        "| layer | gate | scale | at first | trained | change, % | first in all seeds |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        change = f"{row['change_percent']:+.1f}"
        if row["change_sd"] is not None:
            change += f" ± {row['change_sd']:.1f}"
        names = f"{row['layer']} | {row['gate']} | {row['scale']}"
        first = "yes" if row["first_in_all"] else ""
        lines.append(f"| {names} | {row['initial']:.2f} | {row['trained']:.2f} | {change} | {first} |")
    return lines


def draw_importance(trainings: Sequence[Training]) -> Figure:
    """Draw a panel for each layer and gate: a line for each seed from the norm before training to that after it."""
    layers = trainings[0].trained
    gates = list(next(iter(layers.values())))
    figure = Figure(figsize=(2.6 * len(gates), 2.4 * len(layers) + 0.5))
    panels = figure.subplots(len(layers), len(gates), sharex=True, sharey="row", squeeze=False)
    for of_layer, layer in zip(panels, layers, strict=True):
        for axes, gate in zip(of_layer, gates, strict=True):
            _draw_gate(axes, [(t.initial[layer][gate], t.trained[layer][gate]) for t in trainings])
            axes.set_title(f"{layer.replace('gru_layer', 'layer ')}, {gate.replace('_gate', '')} gate", fontsize=9)
        of_layer[0].set_ylabel("norm of W")
    seeds = ", ".join(str(training.seed) for training in trainings)
    figure.suptitle(f"{trainings[0].model}, seeds {seeds}", fontsize=10)
    figure.legend(*panels[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=len(SCALES))
    return figure


def _draw_gate(axes: Axes, norms: Sequence[tuple[Mapping[str, float], Mapping[str, float]]]) -> None:
    for number, scale in enumerate(SCALES):
        places = np.array([0.0, 1.0]) + (number - 1) * _SIDESTEP
        for seed, (initial, trained) in enumerate(norms):
            heights = [initial[f"scale_{scale}"], trained[f"scale_{scale}"]]
            label = None if seed else f"scale {scale}"
            axes.plot(places, heights, color=_COLOURS[scale], marker=_MARKERS[scale], markersize=4, lw=1, label=label)
    axes.set_xticks([0, 1], ["at first", "trained"])
    axes.set_xlim(-0.4, 1.4)
    axes.grid(visible=False, axis="x")


def _row(trainings: Sequence[Training], layer: str, gate: str, scale: str) -> Row:
    initial, trained = (
        np.array([norms[layer][gate][scale] for norms in side])
        for side in ([t.initial for t in trainings], [t.trained for t in trainings])
    )
    change = 100 * (trained / initial - 1)
    largest = [max(t.trained[layer][gate], key=t.trained[layer][gate].__getitem__) for t in trainings]
    return {
        "layer": layer,
        "gate": gate,
        "scale": scale,
        "initial": float(initial.mean()),
        "trained": float(trained.mean()),
        "change_percent": float(change.mean()),
        "change_sd": float(change.std(ddof=1)) if len(change) > 1 else None,
        "first_in_all": int(all(name == scale for name in largest)),
    }
