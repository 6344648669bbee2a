"""Contract of a model artefact: the metadata that training, serving, replay and the chip share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from scaleglove.channels import CHANNELS, UNITS
from scaleglove.letters import SCALES

METADATA_KEY = "scaleglove"

ScaleNorms = dict[str, dict[str, dict[str, float]]]
"""`norms[layer][gate][scale]`: Frobenius norms of a layer's input weights."""


class Channel(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str
    unit: str


class Provenance(BaseModel):
    """Where an artefact's weights come from; enough to make them again."""

    model_config = ConfigDict(frozen=True)

    data: str = Field(description="collections and how many episodes of each")
    split: str = Field(description="which part of the data the weights were fitted on")
    seed: int
    revision: str = Field(description="git revision of the code that trained it")
    recipe: dict[str, Any] = Field(default_factory=dict, description="training settings")
    libraries: dict[str, str] = Field(default_factory=dict, description="versions of what trained it")
    made_from: str = Field(default="", description="the artefact this one was made from, where it was")


class ModelContract(BaseModel):
    """The JSON in an artefact's `metadata_props["scaleglove"]`."""

    model_config = ConfigDict(frozen=True)

    schema_version: Literal[1]
    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    channels: tuple[Channel, ...]
    sample_rate_hz: float = Field(ge=1, le=1000)
    window_frames: int = Field(ge=1, le=4096, description="frames in a full window")
    min_frames: int = Field(ge=1, description="fewer frames than this say nothing yet: state `warming`")
    labels: tuple[Annotated[str, Field(min_length=1)], ...] = Field(min_length=2)
    scales: tuple[int, ...]
    parameters: int = Field(ge=1, description="trainable parameters of the network before folding")
    weights: Literal["float32", "int8"] = Field(default="float32", description="how the large weights are stored")
    provenance: Provenance
    report: dict[str, Any] = Field(description="the evaluation report, by protocol")
    weight_importance: ScaleNorms = Field(description="norms of the input weights by layer, gate and scale")
    initial_importance: ScaleNorms = Field(
        default_factory=dict, description="the same before the first step of its training; empty where nobody knows"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = tuple(channel.name for channel in self.channels)
        if names != CHANNELS:
            raise ValueError(f"channels must be {', '.join(CHANNELS)} in this order, not {', '.join(names)}")
        units = tuple(channel.unit for channel in self.channels)
        if units != UNITS:
            raise ValueError(f"channel units must be {', '.join(UNITS)}, not {', '.join(units)}")
        if self.scales != SCALES:
            raise ValueError(f"scales must be {SCALES}, not {self.scales}")
        if len(set(self.labels)) != len(self.labels):
            raise ValueError("labels must differ from each other")
        if self.min_frames > self.window_frames:
            raise ValueError(f"min_frames {self.min_frames} is larger than window_frames {self.window_frames}")
        return self

    @property
    def period_ms(self) -> float:
        """Milliseconds from one frame of the window to the next."""
        return 1000.0 / self.sample_rate_hz

    @property
    def window_s(self) -> float:
        """Seconds that a full window lasts."""
        return self.window_frames / self.sample_rate_hz


def pad(windows: Sequence[NDArray[np.float32]]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Windows float32[n_i, 8] as `frames` float32[N, longest, 8], zero beyond each window, and `lengths` int64[N].

    Raises:
        ValueError: there is no window.
    """
    if not windows:
        raise ValueError("a batch needs at least one window")
    lengths = np.array([len(window) for window in windows], np.int64)
    frames = np.zeros((len(windows), int(lengths.max()), len(CHANNELS)), np.float32)
    for row, window in zip(frames, windows, strict=True):
        row[: len(window)] = window
    return frames, lengths
