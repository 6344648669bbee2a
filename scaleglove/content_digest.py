"""Checksum of the content of an exported file, such as a wearer's or a glove's. Pure."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import orjson


def content_digest(content: dict[str, Any]) -> str:
    """Return the SHA-256 (hex) of content as JSON with sorted keys and no spaces, in UTF-8: the layout of its file may
    change, the content not."""
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
