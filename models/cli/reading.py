"""Folders of recordings as commands read them: with a progress bar, and a word on what is left out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import track

from scaleglove.errors import ScaleGloveError

if TYPE_CHECKING:
    from models.data.dataset import Recording
    from models.training.training import Recipe
    from scaleglove.recordings import Episode, Report


def read_episodes(folder: Path) -> tuple[list[Episode], Report]:
    """As `scaleglove.recordings.load_folder`."""
    from scaleglove.recordings import find_recordings, load_folder

    console = Console(stderr=True)
    paths = track(find_recordings(folder), "reading", console=console, disable=not console.is_terminal)
    return load_folder(folder, paths)


def read_recordings(folder: Path, recipe: Recipe) -> list[Recording]:
    """The labelled episodes of a folder at the recipe's rate.

    Raises:
        ScaleGloveError: there is none.
    """
    from models.data.dataset import to_recordings

    episodes, _ = read_episodes(folder)
    recordings, left_out = to_recordings(episodes, recipe.sample_rate_hz, recipe.min_frames)
    if left_out:
        fault = f"without a letter (COLLECTION/LETTER/BEND folders) or shorter than {recipe.min_frames} frames"
        if not recordings:
            raise ScaleGloveError(f"{folder}: all {left_out} episodes are {fault}")
        print(f"left out: {left_out} episodes {fault}", file=sys.stderr)
    return recordings
