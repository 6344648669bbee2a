"""How far what was read is from what was signed, and where: each letter that was read wrongly, missed or false, by the
signed one. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def errors_by_letter(read: Sequence[object], signed: Sequence[object]) -> NDArray[np.int64]:
    """Return the errors int64[len(signed)] of a shortest edit from one row of letters to the other; a false letter
    counts for the signed one that follows it, behind the last for the last.

    Raises:
        ValueError: nothing was signed.
    """
    if not signed:
        raise ValueError("nothing was signed")
    distances = _distances(read, signed)
    errors = np.zeros(len(signed), np.int64)
    row, column = len(read), len(signed)
    while row or column:
        here = distances[row, column]
        if row and column:
            differs = int(read[row - 1] != signed[column - 1])
            if here == distances[row - 1, column - 1] + differs:
                row, column = row - 1, column - 1
                errors[column] += differs
                continue
        if row and here == distances[row - 1, column] + 1:
            row -= 1
            errors[min(column, len(signed) - 1)] += 1
        else:
            column -= 1
            errors[column] += 1
    return errors


def edit_distance(read: Sequence[object], signed: Sequence[object]) -> int:
    """Return the Levenshtein distance: the fewest insertions, deletions and replacements from one to the other."""
    return int(_distances(read, signed)[-1, -1])


def _distances(read: Sequence[object], signed: Sequence[object]) -> NDArray[np.int64]:
    """Return the edit distances int64[len(read) + 1, len(signed) + 1] of all beginnings."""
    rows = [np.arange(len(signed) + 1)]
    for number, letter in enumerate(read, start=1):
        replaced = rows[-1][:-1] + np.array([letter != other for other in signed], np.int64)
        now = np.concatenate([[number], np.minimum(replaced, rows[-1][1:] + 1)])
        rows.append(np.minimum.accumulate(now - np.arange(len(now))) + np.arange(len(now)))
    return np.array(rows)
