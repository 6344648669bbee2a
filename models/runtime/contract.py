"""Contract of a model artefact: the metadata and the inputs that training, serving, replay and the chip share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from scaleglove.channels import CHANNELS, UNITS
from scaleglove.scales import SCALES
from scaleglove.vocabulary import FEWEST_LABELS, MOST_LABELS, LabelName, Vocabulary

METADATA_KEY = "scaleglove"

READINGS_SINCE = 2
"""The schema version from which on an artefact may have training readings; one of this version must."""

VOCABULARY_SINCE: Final = 3
"""The schema version from which on an artefact has a vocabulary; earlier ones list their labels alone."""

ScaleNorms = dict[str, dict[str, dict[str, float]]]
"""`norms[layer][gate][scale]`: Frobenius norms of a layer's input weights."""

_FORMER_PROTOCOLS = {"new_collection": "cross_user", "leave_one_bend_out": "leave_one_style_out"}
"""From the names of evaluation protocols before 0.2.0, still read in reports and artefacts, to the present ones."""

_BY_PROTOCOL = ("accuracy_percent", "accuracy_percent_by_frames")


def with_present_names(by_protocol: dict[str, Any]) -> dict[str, Any]:
    """Return figures by protocol with the former names of protocols replaced by the present ones."""
    return {_FORMER_PROTOCOLS.get(name, name): figures for name, figures in by_protocol.items()}


_MOST_EXACT: Final = 2**53
"""Beyond it JavaScript reads another whole number than the file has."""

_DEEPEST: Final = 16
"""Levels of a report or a recipe; those of this project have at most 5."""

_MAX_NAME: Final = 128


def _check_plain(value: Any, levels: int = _DEEPEST) -> Any:
    """Return a JSON value that every reader of the service's answers can read.

    Raises:
        ValueError: it is nested too deeply, or a number is not finite or not exact.
    """
    if not levels:
        raise ValueError(f"it is nested more than {_DEEPEST} levels deep")
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            _check_plain(part, levels - 1)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number in it is not finite")
    elif isinstance(value, int) and abs(value) > _MOST_EXACT:
        raise ValueError("a whole number in it is larger than 2^53")
    return value


def _check_shown(text: str) -> str:
    if not text.isprintable() or "/" in text or text != text.strip():
        raise ValueError("it must be printable, without '/' and without blanks at an end")
    return text


JsonObject = Annotated[dict[str, Any], AfterValidator(_check_plain)]
"""A JSON object of finite numbers, nested to a bounded depth."""

Count = Annotated[int, Field(ge=-_MOST_EXACT, le=_MOST_EXACT)]
"""A whole number that every reader of JSON reads exactly."""

ShownText = Annotated[str, Field(min_length=1, max_length=_MAX_NAME), AfterValidator(_check_shown)]
"""Text that names a model in addresses, metrics and on the page."""


class Channel(BaseModel):
    """Name and unit of a sensor channel."""

    model_config = ConfigDict(frozen=True)

    name: str
    unit: str


class Provenance(BaseModel):
    """Origin of an artefact's weights, sufficient to train them again."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    data: str = Field(description="collections and how many episodes of each")
    split: str = Field(description="which part of the data the weights were fitted on")
    seed: Count
    revision: str = Field(description="git revision of the code that trained it")
    recipe: JsonObject = Field(default_factory=dict, description="training settings")
    libraries: dict[str, str] = Field(default_factory=dict, description="versions of what trained it")
    made_from: str = Field(default="", description="the artefact that this one was made from, if any")

    @property
    def is_of_many_people(self) -> bool:
        """Whether the weights were fitted to many people, each with the ranges of others."""
        augmentation = self.recipe.get("augmentation")
        return isinstance(augmentation, dict) and bool(augmentation.get("other_range"))


class ModelContract(BaseModel):
    """Metadata of an artefact: the JSON in its `metadata_props["scaleglove"]`."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    schema_version: Literal[1, 2, 3]
    name: ShownText
    version: ShownText
    channels: tuple[Channel, ...]
    sample_rate_hz: float = Field(ge=1, le=1000)
    window_frames: int = Field(ge=1, le=4096, description="frames in a full window")
    min_frames: int = Field(ge=1, description="with fewer frames the state is `warming`")
    labels: tuple[LabelName, ...] = Field(
        min_length=FEWEST_LABELS,
        max_length=MOST_LABELS,
        description="names of the vocabulary's labels, in the order of probabilities",
    )
    vocabulary: Vocabulary
    scales: tuple[int, ...]
    parameters: Count = Field(ge=1, description="trainable parameters of the network before folding")
    weights: Literal["float32", "int8"] = Field(default="float32", description="how the large weights are stored")
    provenance: Provenance
    report: JsonObject = Field(description="the evaluation report, by protocol")
    weight_importance: ScaleNorms = Field(description="norms of the input weights by layer, gate and scale")
    initial_importance: ScaleNorms = Field(
        default_factory=dict, description="the same before the first training step; empty if not recorded"
    )

    @model_validator(mode="before")
    @classmethod
    def _with_vocabulary(cls, data: Any) -> Any:
        """Complete `labels` and `vocabulary` by each other: a file of an earlier schema version has labels alone."""
        if not isinstance(data, dict):
            return data
        if "labels" in data and data.get("schema_version") in range(VOCABULARY_SINCE):
            return data | {"vocabulary": _vocabulary_of(data["labels"])}
        if "labels" not in data and isinstance(data.get("vocabulary"), Vocabulary):
            return data | {"labels": data["vocabulary"].names}
        return data

    @field_validator("report")
    @classmethod
    def _with_present_names(cls, report: dict[str, Any]) -> dict[str, Any]:
        found = {key: report[key] for key in _BY_PROTOCOL if isinstance(report.get(key), dict)}
        return report | {key: with_present_names(figures) for key, figures in found.items()}

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
        if self.labels != self.vocabulary.names:
            raise ValueError("labels must be those of the vocabulary, in its order")
        if self.min_frames > self.window_frames:
            raise ValueError(f"min_frames {self.min_frames} is larger than window_frames {self.window_frames}")
        return self

    @property
    def period_ms(self) -> float:
        """Milliseconds from one frame of the window to the next."""
        return 1000.0 / self.sample_rate_hz

    @property
    def window_s(self) -> float:
        """Duration of a full window in seconds."""
        return self.window_frames / self.sample_rate_hz


def _vocabulary_of(labels: Any) -> Any:
    """Return the vocabulary of an earlier file's labels: the package's that has these, else one of their own."""
    try:
        return Vocabulary.of(labels)
    except (TypeError, ValidationError):  # the fields `labels` and `vocabulary` say what is wrong
        return {"name": "own", "labels": labels}


def pad(windows: Sequence[NDArray[np.float32]]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Pad windows float32[n_i, 8] to a batch: `frames` float32[N, longest, 8], zero beyond each window, and `lengths`
    int64[N].

    Raises:
        ValueError: there are no windows.
    """
    if not windows:
        raise ValueError("a batch needs at least one window")
    lengths = np.array([len(window) for window in windows], np.int64)
    frames = np.zeros((len(windows), int(lengths.max()), len(CHANNELS)), np.float32)
    for row, window in zip(frames, windows, strict=True):
        row[: len(window)] = window
    return frames, lengths
