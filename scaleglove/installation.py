"""How this installation came to be, and so the command that adds an extra to it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname


def install_command(extras: Sequence[str], origin: str | None, python: str) -> str:
    """Return the command that adds extras to the environment of `python`.

    Args:
        extras: to add.
        origin: `direct_url.json` of the installed package; None where it came from an index.
        python: path of the interpreter.
    """
    wanted = f"[{','.join(extras)}]"
    editable, place = _source(origin)
    if place is None:
        return f"{shlex.quote(python)} -m pip install 'scaleglove{wanted}'"
    return f"{shlex.quote(python)} -m pip install {'-e ' if editable else ''}{shlex.quote(place + wanted)}"


def installed_origin() -> str | None:
    """Return the `direct_url.json` of the installed package, None if it has none."""
    from importlib.metadata import PackageNotFoundError, distribution  # noqa: PLC0415 - 25 ms that no command needs

    try:
        return distribution("scaleglove").read_text("direct_url.json")
    except PackageNotFoundError:
        return None


def _source(origin: str | None) -> tuple[bool, str | None]:
    """Return whether the installation is editable, and the checkout or wheel of it that is still there."""
    if origin is None:
        return False, None
    described = json.loads(origin)
    url = urlsplit(described.get("url", ""))
    place = url2pathname(url.path)
    if url.scheme != "file" or not Path(place).exists():
        return False, None
    return bool(described.get("dir_info", {}).get("editable")), place
