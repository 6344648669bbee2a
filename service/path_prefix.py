"""The path below which a proxy shows the service, such as `/gloves` of https://lab.example/gloves. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from scaleglove.errors import ScaleGloveError

MAX_PREFIX: Final = 200
"""Characters of a prefix, which has one or two words: it is repeated in addresses, and looked for in the first bytes of
each connection."""

_SEGMENT: Final = re.compile(r"[A-Za-z0-9._~-]+")
"""The characters that RFC 3986 calls unreserved: nothing that a redirect, a document or an HTML page must quote."""


class PrefixError(ScaleGloveError, ValueError):
    """The text is no path prefix, or one that the service cannot be shown below."""


def parse_prefix(text: str) -> str:
    """Return a prefix that begins with a slash and does not end with one; empty for the root.

    An empty segment would make the prefix the host of a redirect (`//evil.example`), and `..` would leave it.

    Raises:
        PrefixError: it has other characters than letters, digits and `-._~`, an empty segment, or one of dots alone.
    """
    prefix = text.removesuffix("/")
    if not prefix:
        return ""
    first, *segments = prefix.split("/")
    well_formed = not first and all(_SEGMENT.fullmatch(part) and part.strip(".") for part in segments)
    if not well_formed or len(prefix) > MAX_PREFIX:
        raise PrefixError(f"{text[:MAX_PREFIX]!r} is no path of letters, digits and -._~; give for example /gloves")
    return prefix


def route_path(scope: Mapping[str, Any]) -> str:
    """Return the path of an ASGI request below its prefix, as routes name it."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))
