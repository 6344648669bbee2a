"""Text of others, made safe for a terminal, a log and JSON."""

from __future__ import annotations


def escape_unprintable(text: str, keep: str = "") -> str:
    r"""Return the text with what cannot be printed written out, such as `\x1b` and `\udcff`, but for those to keep.

    Control characters would move the cursor, marks of direction would turn lines round, and a surrogate, which stands
    for a byte of a file's name that is no UTF-8, cannot be encoded.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else c.encode("unicode_escape").decode("ascii") for c in text)
