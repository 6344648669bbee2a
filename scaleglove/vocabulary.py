"""Vocabulary: the signs that a model names, as data. It travels inside an artefact.

The package has vocabularies of its own, as files in `scaleglove/vocabularies`; any other is a file of the same form.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from scaleglove.errors import ScaleGloveError
from scaleglove.validation_faults import describe_fault

Language = Literal["korean", "english", "none"]
"""What the labels spell: letters of Korean or English words, or nothing, where each label stands for itself."""

Pose = Literal["up", "sideways", "down"]
"""Where the index finger points, the palm to the front: the poses of a glove's check."""

FEWEST_LABELS: Final = 2
MOST_LABELS: Final = 200
"""Labels of a vocabulary: with one there is nothing to recognise, and the chip's letter message has a byte for each."""

MAX_LABEL: Final = 64

REST: Final = "rest"
"""Name of the hand that signs nothing, among examples and in recordings; no label has it."""

_FOLDER: Final = Path(__file__).with_name("vocabularies")


class VocabularyError(ScaleGloveError):
    """A vocabulary that cannot be read; the message names the file and the fault."""


def _compose(text: object) -> object:
    """Compose a label (NFC): some systems write 한 as one character, others as three."""
    return unicodedata.normalize("NFC", text) if isinstance(text, str) else text


def check_label(label: str) -> str:
    """Return the label if people can see it and tell it from others.

    Raises:
        ValueError: it has characters that are invisible, a separator of paths, or blanks at an end.
    """
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in label):
        raise ValueError(f"the label {label[:16]!r} has invisible characters; remove them")
    if label != label.strip() or "/" in label or "\\" in label or label in (".", ".."):
        raise ValueError(f"the label {label[:16]!r} has a blank at an end or a '/'; a folder must be able to have it")
    return label


LabelName = Annotated[
    str, BeforeValidator(_compose), Field(min_length=1, max_length=MAX_LABEL), AfterValidator(check_label)
]
"""Name of a sign: any text that can name a folder, composed (NFC)."""


class Label(BaseModel):
    """One sign of a vocabulary."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: LabelName
    moving: bool = Field(default=False, description="whether the sign is a movement; others are hand shapes held still")
    display: str = Field(default="", max_length=MAX_LABEL, description="how it reads on the page; empty: as `label`")
    pose: Pose | None = Field(
        default=None,
        description="the pose of a glove's check in which the hand is held for this sign: its direction is then known",
    )

    @model_serializer(mode="wrap")
    def _without_empty(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out the pose where there is none, as in a file."""
        fields: dict[str, Any] = serialize(self)
        return {name: value for name, value in fields.items() if name != "pose" or value is not None}


class Vocabulary(BaseModel):
    """The signs of a model; the index of a label is its position in `labels`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[\w-][\w.-]{0,63}$", description="name for people and commands, such as korean")
    language: Language = "none"
    labels: tuple[Label, ...] = Field(min_length=FEWEST_LABELS, max_length=MOST_LABELS)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len(set(self.names)) != len(self.labels):
            raise ValueError("labels must differ from each other")
        if REST in self.names:
            raise ValueError(f"{REST!r} is the hand that signs nothing; no label can have this name")
        poses = [each.pose for each in self.labels if each.pose]
        if len(set(poses)) != len(poses):
            raise ValueError("two labels have the same pose; give each pose to one label")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The labels in the order of a model's probabilities."""
        return tuple(each.label for each in self.labels)

    @property
    def moving(self) -> tuple[bool, ...]:
        """Whether each label moves."""
        return tuple(each.moving for each in self.labels)

    @property
    def poses(self) -> dict[Pose, int]:
        """The index of the label of each pose that one has."""
        return {each.pose: index for index, each in enumerate(self.labels) if each.pose}

    def index(self, label: str) -> int:
        """Return the position of a label.

        Raises:
            ValueError: there is no such label.
        """
        return self.names.index(label)

    def with_signs(self, signs: Sequence[Label]) -> Self:
        """Return this vocabulary with more signs behind its own.

        Raises:
            pydantic.ValidationError: the labels are not distinct, or too many.
        """
        if not signs:
            return self
        return type(self)(name=self.name, language=self.language, labels=(*self.labels, *signs))

    @classmethod
    def of(cls, names: Sequence[str], name: str = "own") -> Self:
        """Make a vocabulary of labels that no file describes: none of them moves, and they spell the language of the
        letters among them, if there are any.

        Those of a vocabulary of the package are that vocabulary.

        Raises:
            pydantic.ValidationError: the labels do not make a vocabulary.
        """
        known = package_vocabulary_of(names)
        if known is not None:
            return cls.model_validate(load_vocabulary(known).model_dump())
        return cls(name=name, language=_language_of(names), labels=tuple(Label(label=each) for each in names))


def _language_of(names: Sequence[str]) -> Language:
    """Return the language whose letters are among these labels."""
    for known in map(load_vocabulary, package_vocabularies()):
        if any(len(name) == 1 and name in known.names for name in names):
            return known.language
    return "none"


def package_vocabularies() -> tuple[str, ...]:
    """Return the names of the package's vocabularies."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


def package_vocabulary_of(names: Sequence[str]) -> str | None:
    """Return the name of the package's vocabulary that has exactly these labels; None: none has."""
    return next((known for known in package_vocabularies() if load_vocabulary(known).names == tuple(names)), None)


@cache
def load_vocabulary(name: str) -> Vocabulary:
    """Return a vocabulary of the package.

    Raises:
        VocabularyError: the package has none of this name.
    """
    if name not in package_vocabularies():
        raise VocabularyError(f"there is no vocabulary {name}; there are: {', '.join(package_vocabularies())}")
    return read_vocabulary(_FOLDER / f"{name}.json")


def find_vocabulary(name: str) -> Vocabulary:
    """Return a vocabulary by the name of one of the package's or by the path of a file (`.json`).

    Raises:
        VocabularyError: there is no such vocabulary.
    """
    is_file = name not in package_vocabularies() and Path(name).suffix
    return read_vocabulary(Path(name)) if is_file else load_vocabulary(name)


def read_vocabulary(path: Path) -> Vocabulary:
    """Read a vocabulary's file: JSON with `name`, `language` and `labels`.

    Raises:
        VocabularyError: the file has none.
    """
    try:
        return Vocabulary.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise VocabularyError(f"{path}: cannot be read: {error}") from None
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"])) or "the whole"
        raise VocabularyError(f"{path}: {where}: {describe_fault(fault)}") from None
