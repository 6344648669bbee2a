"""Labels of a recording, from its folders and its name: `COLLECTION/LABEL/BEND/episode_DATE_TIME_LABEL_BEND.csv`.

Pure. `clients/page/recordings/labels.js` reads a name by the same rules.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from scaleglove.letters import LETTERS

_NAME: Final = re.compile(r"episode_\d{8}_\d{6}_(.+?)(?: ?\([0-9]{1,3}\))?\.csv", re.IGNORECASE)
"""A browser that saves a file of the same name again adds a number: `episode_..._1 (2).csv`."""

_TIME: Final = re.compile(r"episode_(\d{8}_\d{6})_", re.IGNORECASE)

_BEND: Final = re.compile(r"(.+)_([0-9]{1,2})")
"""A label and a bend. A label that is no letter may have a `_` itself (`thank_you`), so its bend is a number."""

_FILLERS: Final = str.maketrans("", "", "\u115f\u1160\u3164")
_FINALS: Final = "ᆨᆫᆮᆯᆷᆸᆺᆼᆽᆾᆿᇀᇁᇂ"
"""Conjoining consonants at the end of a syllable, in the order of the 14 consonants of LETTERS."""

_LETTER_OF: Final = (
    {letter: letter for letter in LETTERS}
    | {unicodedata.normalize("NFKC", letter): letter for letter in LETTERS}
    | dict(zip(_FINALS, LETTERS, strict=False))
)


class Labels(NamedTuple):
    """Labels of a recording; empty where it has none. `differs` tells that name and folder have different labels."""

    collection: str
    label: str
    bend: str
    differs: bool = False


NO_LABELS: Final = Labels("", "", "")


@lru_cache(maxsize=4096)  # a folder has few names of its many files' folders
def plain(text: str) -> str:
    """Return a name in NFC; a single letter in any of Unicode's forms (conjoining, halfwidth) as one of LETTERS."""
    bare = text.translate(_FILLERS)
    return (
        _LETTER_OF.get(bare)
        or _LETTER_OF.get(unicodedata.normalize("NFKC", bare))
        or unicodedata.normalize("NFC", text)
    )


def labels_of(path: Path, *, is_published: bool = False, folders: int = 0) -> Labels:
    """Return the labels of a file.

    Args:
        path: of the file.
        is_published: whether it is in the layout `PERSON/SIGN.csv` of the ASL glove's recordings.
        folders: how many of the file's folders lie in the folder that was asked for. Where neither its name nor a
            Korean letter says its label, three are COLLECTION/LABEL/BEND and two COLLECTION/LABEL.
    """
    collection, folder_label, folder_bend = ("", "", "", *map(plain, path.parts[-4:-1]))[-3:]
    label, bend = named(path.name)
    if label and _rest(path.name) == f"{folder_label}_{folder_bend}":  # also of a bend that is no number
        return Labels(collection, folder_label, folder_bend)
    if folder_label in LETTERS or (label and folder_label == label):
        return Labels(collection, folder_label, folder_bend, bool(label) and label != folder_label)
    if folder_bend in LETTERS or (label and folder_bend == label):  # COLLECTION/LABEL/episode_...
        return Labels(folder_label, folder_bend, bend, bool(label) and label != folder_bend)
    if label:
        return Labels(folder_bend, label, bend)
    if is_published:
        return Labels(folder_bend, plain(path.stem), "")
    by_layout = {2: Labels(folder_label, folder_bend, ""), 3: Labels(collection, folder_label, folder_bend)}
    return by_layout.get(min(folders, 3), NO_LABELS)


def begun_at(name: str) -> datetime | None:
    """Return when a file `episode_DATE_TIME_...` was recorded, in its computer's local time; None for other names."""
    match = _TIME.match(name)
    try:
        return datetime.strptime(match[1], "%Y%m%d_%H%M%S") if match else None
    except ValueError:
        return None


def _rest(name: str) -> str:
    """Return the part of a file's name that is label and bend; empty for other names."""
    match = _NAME.fullmatch(unicodedata.normalize("NFC", name))
    return "_".join(plain(part) for part in match[1].split("_")) if match else ""


def named(name: str) -> tuple[str, str]:
    """Return label and bend of a file's name `episode_DATE_TIME_LABEL_BEND.csv` or without bend; empty for others."""
    match = _NAME.fullmatch(unicodedata.normalize("NFC", name))
    if match is None:
        return "", ""
    first, _, rest = match[1].partition("_")
    if plain(first) in LETTERS:
        return plain(first), plain(rest)
    with_bend = _BEND.fullmatch(match[1])
    return (plain(with_bend[1]), with_bend[2]) if with_bend else (plain(match[1]), "")
