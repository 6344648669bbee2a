"""Sessions of recordings: what was recorded without taking the glove off for long. Pure.

Episodes of one session are alike beyond the sign: the glove sits the same, and so does the user.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from scaleglove.recordings import Episode
from scaleglove.recordings.labels import begun_at

PAUSE: Final = timedelta(minutes=30)
"""Time without an episode that ends a session. Within one, a round over many labels takes minutes; after half an hour
the glove has been off."""


UNKNOWN_SESSION: Final = ""


def sessions_of(episodes: Sequence[Episode]) -> list[str]:
    """Return the session of each episode by its beginning, such as `2026-01-31 14:05`, within its collection;
    UNKNOWN_SESSION for all of a collection in which the name of a file has no time."""
    times: dict[str, list[datetime | None]] = defaultdict(list)
    for episode in episodes:
        times[episode.collection].append(begun_at(episode.path.name))
    begun = {collection: iter(found) for collection, found in times.items()}
    starts = {collection: _starts(found) for collection, found in times.items()}
    return [_session(next(begun[episode.collection]), starts[episode.collection]) for episode in episodes]


def _starts(times: Sequence[datetime | None]) -> list[datetime]:
    """Return when the sessions of a collection begin; none where a time is not known."""
    known = sorted(time for time in times if time is not None)
    if len(known) < len(times):
        return []
    return [known[0], *(later for earlier, later in pairwise(known) if later - earlier > PAUSE)]


def _session(time: datetime | None, starts: Sequence[datetime]) -> str:
    if time is None or not starts:
        return UNKNOWN_SESSION
    return f"{max(start for start in starts if start <= time):%Y-%m-%d %H:%M}"
