"""How much is kept of a wearer and of a glove, and how large the file of either can be. Pure.

The limit of a file follows from those of what is kept, so that whatever can be exported can be imported
(tests/service/wearers/test_limits.py fills every field).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from models.adaptation.online import REMEMBERED
from scaleglove.channels import CHANNELS
from scaleglove.vocabulary import MAX_LABEL, MOST_LABELS
from service.http.bodies.json_spans import PartLimits
from service.problems import ProblemError
from service.streams.shape_memory import KEPT_FRAMES

MAX_EXAMPLES: Final = 2000
"""Examples that a wearer has shown, 80 of each label. More would make the profile slower, not better."""

MAX_WORDS: Final = REMEMBERED
"""Examples of words of a wearer besides: as many as a stream learns from."""

MOST_EXAMPLES: Final = MAX_EXAMPLES + MAX_WORDS

MAX_FRAMES: Final = 4096
"""Frames of one example, as many as the window of a model may have."""

FRAME_BYTES: Final = 4 * len(CHANNELS)

MAX_EXAMPLES_BYTES: Final = 16 * 1024 * 1024
"""Of all windows that a wearer has shown. Those of MAX_EXAMPLES at the model's 87 frames take a third of it."""

MAX_WORDS_BYTES: Final = MAX_WORDS * KEPT_FRAMES * FRAME_BYTES
"""Of those of words: each is a shape that was held."""

KEPT_PROFILES: Final = 20
"""Newest versions of a wearer or of a glove that are kept, besides the active ones."""

MAX_PROFILES: Final = 40
"""Profiles of a wearer, the active ones of all models among them."""

MAX_PROFILE_BYTES: Final = 4 * 1024 * 1024
"""Of the embeddings of one profile: 500 numbers for each of MAX_EXAMPLES. The shipped models have 64."""

MAX_PROFILES_BYTES: Final = 16 * 1024 * 1024
"""Of the embeddings of a wearer together: of KEPT_PROFILES of MAX_EXAMPLES they take 10 MiB."""

_LABEL_JSON: Final = 4 * MAX_LABEL + 3
"""Bytes of a label in a file: UTF-8, two quotes and a comma."""

_NUMBER_JSON: Final = 26
"""Bytes of a number in a file, with its comma."""

_NAMES_JSON: Final = 8 * 1024
"""Bytes of the names and of the single values of an example or a profile."""

_PER_EXAMPLE: Final = _LABEL_JSON + _NUMBER_JSON
_PROFILE_JSON: Final = _NAMES_JSON + MOST_EXAMPLES * _PER_EXAMPLE + 8 * (MOST_LABELS + 1) * (_LABEL_JSON + 64)
_EXAMPLE_JSON: Final = 1024


def in_base64(size: int) -> int:
    """Return the bytes that `size` bytes take as base64."""
    return -(-size // 3) * 4


EXAMPLE_PART: Final = PartLimits(bytes=256 * 1024, values=64)
PROFILE_PART: Final = PartLimits(
    bytes=in_base64(MAX_PROFILE_BYTES) + _PROFILE_JSON, values=4 * MOST_EXAMPLES + 8 * MOST_LABELS
)
"""Of the largest example and the largest profile: the time that one takes is time in which no stream is answered."""

MAX_WEARER_FILE: Final = (
    in_base64(MAX_EXAMPLES_BYTES + MAX_WORDS_BYTES)
    + MOST_EXAMPLES * (_EXAMPLE_JSON + 4)
    + in_base64(MAX_PROFILES_BYTES)
    + MAX_PROFILES * (_PROFILE_JSON + 4)
    + 64 * 1024
)
"""Bytes of the file of a wearer, the rest for its name and which profiles are active. Usual files have a tenth."""

GLOVE_PROFILE_PART: Final = PartLimits(bytes=64 * 1024, values=1024)
MAX_GLOVE_FILE: Final = (KEPT_PROFILES + 1) * GLOVE_PROFILE_PART.bytes + 16 * 1024


def check_space(name: str, kept: int, kept_bytes: int, more_bytes: int) -> None:
    """Raise if a wearer who has `kept` examples cannot have another one.

    Raises:
        ProblemError: 409 `too_many_examples`.
    """
    if kept >= MAX_EXAMPLES:
        detail = f"{name} has {kept} examples, which is the limit; delete some of them first"
        raise ProblemError(409, "too_many_examples", detail)
    if kept_bytes + more_bytes > MAX_EXAMPLES_BYTES:
        frames, limit = (kept_bytes + more_bytes) // FRAME_BYTES, MAX_EXAMPLES_BYTES // FRAME_BYTES
        detail = f"{name} would have examples of {frames} frames, and the limit is {limit}; delete some of them first"
        raise ProblemError(409, "too_many_examples", detail)


def given_up(sizes: Sequence[int], others: Sequence[int] = ()) -> int:
    """Return how many profiles are given up so that the rest is within the limits of a wearer.

    Args:
        sizes: bytes of the embeddings of the profiles that can be given up, in this order.
        others: of those that cannot.
    """
    count, size = len(sizes) + len(others), sum(sizes) + sum(others)
    for number, each in enumerate(sizes):
        if count <= MAX_PROFILES and size <= MAX_PROFILES_BYTES:
            return number
        count, size = count - 1, size - each
    return len(sizes)


def check_file(name: str, windows: Sequence[int], profiles: Sequence[int]) -> None:
    """Raise if a wearer has more than a file can have: an older service has stored them within wider limits.

    Args:
        name: of the wearer.
        windows: bytes of each example.
        profiles: bytes of the embeddings of each profile.

    Raises:
        ProblemError: 409 `too_many_examples`.
    """
    if len(windows) > MOST_EXAMPLES or sum(windows) > MAX_EXAMPLES_BYTES + MAX_WORDS_BYTES:
        has = f"{len(windows)} examples of {sum(windows) // FRAME_BYTES} frames"
        limit = f"{MOST_EXAMPLES} of {(MAX_EXAMPLES_BYTES + MAX_WORDS_BYTES) // FRAME_BYTES} frames"
        detail = (
            f"{name} has {has}, and a file can have {limit}, or it could not be imported; delete some of them first"
        )
        raise ProblemError(409, "too_many_examples", detail)
    if (
        len(profiles) > MAX_PROFILES
        or sum(profiles) > MAX_PROFILES_BYTES
        or max(profiles, default=0) > MAX_PROFILE_BYTES
    ):
        has = f"{len(profiles)} profiles in use, of {sum(profiles)} bytes"
        limit = f"{MAX_PROFILES} of {MAX_PROFILES_BYTES} bytes, {MAX_PROFILE_BYTES} in each"
        remedy = "calibrate again with fewer examples"
        raise ProblemError(409, "too_many_examples", f"{name} has {has}, and a file can have {limit}; {remedy}")
