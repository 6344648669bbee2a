"""The front end of a glove as C: `sg_glove.c`, which the firmware's core/front_end.c applies to each sample."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from models.adaptation.front_end import FrontEnd
from models.adaptation.glove_profile import GloveProfile, front_end_of
from models.adaptation.training_readings import own_front_end
from models.export.c.graph import ExportError, Network
from models.export.c.text import literal
from scaleglove.channels import CHANNELS
from scaleglove.content_digest import content_digest

GLOVE: Final = "sg_glove.c"

_SCHEMA, _VERSION = "scaleglove.glove", 1


def read_glove(file: Path) -> tuple[str, GloveProfile]:
    """Return the name and the active profile of a glove's export, a file of `GET /v1/gloves/{glove}/export`.

    Raises:
        ExportError: the file is none, or the glove has no active profile; the error names the field.
    """
    try:
        document = orjson.loads(file.read_bytes())
    except OSError as error:
        raise ExportError(f"{file}: cannot be read: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise ExportError(f"{file}: it is not JSON ({error})") from None
    try:
        if (document["schema"], document["version"]) != (_SCHEMA, _VERSION):
            raise ExportError(f"{file}: schema and version must be {_SCHEMA!r} and {_VERSION}")
        content = document["content"]
        is_whole = content_digest(content) == document["sha256"]
        name, active = str(content["glove"]), content["active"]
        stored = {each["version"]: each["profile"] for each in content["profiles"]}
    except (KeyError, TypeError) as error:
        raise ExportError(f"{file}: it is not the export of a glove ({error})") from None
    if not is_whole:
        raise ExportError(
            f"{file}: sha256: it does not match the content; the file was changed, export the glove again"
        )
    if not isinstance(active, int) or active not in stored:
        raise ExportError(f"{file}: active: the glove has no active profile; scaleglove glove check makes one")
    try:
        return name, GloveProfile.from_dict(stored[active])
    except ValueError as error:
        raise ExportError(f"{file}: profile {active}: {error}") from None


def glove_source(name: str, profile: GloveProfile, network: Network) -> str:
    """Return the text of `sg_glove.c` for a glove and the network that reads it.

    Raises:
        ExportError: the artefact does not carry what its training's glove read.
    """
    if network.readings is None:
        raise ExportError(
            f"{network.contract.name} does not carry what its training's glove read, which another glove needs; "
            "train and export it again"
        )
    printable = "".join(character if character.isalnum() or character in " _.-" else "?" for character in name)
    front_end = front_end_of(profile, network.readings)
    return _source(f"the glove {printable}", "--glove", front_end, profile.missing, network)


def own_glove_source(network: Network) -> str | None:
    """Return the text of `sg_glove.c` for the glove that a network was trained with, None where it reads counts."""
    front_end = own_front_end(network.readings)
    return None if front_end.is_plain else _source("the training's own glove", "", front_end, (), network)


def _source(glove: str, option: str, front_end: FrontEnd, missing: tuple[str, ...], network: Network) -> str:
    command = f"scaleglove export --target c {option}".strip()
    return (
        f"/* The front end of {glove} for {network.contract.name} {network.contract.version}, by "
        f"`{command}`:\n * do not edit. */\n"
        '#include "front_end.h"\n\n'
        f"const struct sg_front_end sg_front_end_of_board = {{\n{fields(front_end, missing)}}};\n"
    )


def fields(front_end: FrontEnd, missing: tuple[str, ...]) -> str:
    """Return the fields of a `struct sg_front_end` for a glove without the channels `missing`."""
    bits = sum(1 << CHANNELS.index(name) for name in missing)
    given = {
        "gain": _doubles(front_end.gain),
        "offset": _doubles(front_end.offset),
        "slope": _doubles(front_end.slope),
        "contact": _rows(map(_doubles, front_end.contact)),
        "rotation": _rows(map(_floats, front_end.rotation.astype(np.float32))),
        "neutral": _floats(front_end.neutral.astype(np.float32)),
        "keeps_flex": _truth(front_end.keeps_flex),
        "keeps_lean": _truth(front_end.keeps_lean),
        "missing": str(bits),
    }
    return "".join(f"    .{field} = {value},\n" for field, value in given.items())


def _doubles(values: NDArray[np.float64]) -> str:
    return _rows(repr(float(value)) for value in values)


def _floats(values: NDArray[np.float32]) -> str:
    return _rows(map(literal, values))


def _rows(values: Any) -> str:
    return "{" + ", ".join(values) + "}"


def _truth(value: bool) -> str:
    return "true" if value else "false"
