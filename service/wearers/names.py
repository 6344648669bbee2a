"""What a wearer may be called, and what an example may be labelled."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, StringConstraints

from scaleglove.letters import LETTERS

MAX_NAME: Final = 64

REST: Final = "rest"
"""The label of a window in which no letter is signed."""

LABELS: Final = (*LETTERS, REST)

_NAME: Final = r"^[\w-][\w.-]{0,63}$"
"""Letters of any script, digits and `_-.`; not a dot first, which means something else in an address."""


def as_composed(name: str) -> str:
    """Some systems write 한 as one character, others as three."""
    return unicodedata.normalize("NFC", name)


def _if_text(name: object) -> object:
    return as_composed(name) if isinstance(name, str) else name


def _is_visible(name: str) -> str:
    """Two names that look the same are one to a person."""
    if any(unicodedata.category(character) == "Cf" for character in name):
        raise ValueError("it has characters that cannot be seen")
    return name


def _is_label(label: str) -> str:
    if label not in LABELS:
        raise ValueError(f"{label[:16]!r} is neither one of the 24 letters ({''.join(LETTERS)}) nor {REST!r}")
    return label


WearerName = Annotated[str, BeforeValidator(_if_text), StringConstraints(pattern=_NAME), AfterValidator(_is_visible)]
Label = Annotated[str, BeforeValidator(_if_text), AfterValidator(_is_label)]
