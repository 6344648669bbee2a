"""Labelled recordings: CSV, any table that names a glove's readings, and archives of one person's signs.

Nothing is silently dropped or repaired: every repair is counted with a code, every unreadable file is named with one.
"""

from __future__ import annotations

from scaleglove.recordings.episode import Episode, load_episode
from scaleglove.recordings.errors import RecordingError
from scaleglove.recordings.folder import Report, find_recordings, load_episodes, load_folder
from scaleglove.recordings.repairs import FULL_EPISODE_FRAMES, Repair, text_of

__all__ = [
    "FULL_EPISODE_FRAMES",
    "Episode",
    "RecordingError",
    "Repair",
    "Report",
    "find_recordings",
    "load_episode",
    "load_episodes",
    "load_folder",
    "text_of",
]
