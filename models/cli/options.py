"""Arguments and options that commands share, and the reading of the folders that they name."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import track

from scaleglove.errors import ScaleGloveError
from scaleglove.vocabulary import Vocabulary, find_vocabulary

if TYPE_CHECKING:
    from models.data.dataset import Recording
    from models.training.recipe import Recipe
    from scaleglove.recordings import Episode, Report

Folder = Annotated[Path, typer.Argument(help="folder of recordings: COLLECTION/LABEL/BEND/*.csv")]
ModelName = Annotated[
    str,
    typer.Option(
        help="MSCSGRU_ScaleAware_Encoded, MSCSGRU_ScaleAware_Moving, MSCSGRU_ScaleAware, MSCSGRU_ScaleHard, "
        "MSCGRU_ScaleAware, MSCSGRU or MSCSGRU_ScaleAware_Stream"
    ),
]
Epochs = Annotated[int, typer.Option(min=1)]
Seed = Annotated[int, typer.Option(min=0)]
Gpu = Annotated[
    Literal["cuda", "tensorrt"] | None,
    typer.Option("--accelerator", help="the GPU that must run, beside the processor; by default whatever runs here"),
]
Json = Annotated[bool, typer.Option("--json", help="print JSON for a program")]

VocabularyName = Annotated[
    str | None,
    typer.Option(
        "--vocabulary",
        help="a vocabulary of the package (korean, american, american_signs) or a file (.json); by default that of the "
        "recordings' labels",
    ),
]

ServedName = Annotated[
    str,
    typer.Option("--name", help="what the artefact is served under; default: train's --name, else the network's name"),
]

_NAMED_LABELS = 10

OTHER_RANGE = 0.6
"""Share of windows with the ranges of other people (docs/reports/american.md). With fewer a hand that nothing is known
of is recognised worse, with more one that was ranged."""

DEFAULT_MODEL = "MSCSGRU_ScaleAware_Encoded"


def check_name(name: str) -> None:
    """Refuse a name that an artefact cannot be served under; an empty one is none.

    Raises:
        BadParameter: it has invisible characters, a `/`, or a blank at an end.
    """
    from scaleglove.vocabulary import check_label

    try:
        check_label(name)
    except ValueError as error:
        raise typer.BadParameter(str(error).replace("label", "name", 1), param_hint="--name") from None


def make_recipe(model: str, epochs: int, seed: int) -> Recipe:
    """Return the recipe for these options.

    Raises:
        BadParameter: the model does not exist.
    """
    from models.networks.catalogue import NETWORKS, augmentation_of, sequence_frames_of
    from models.training.recipe import Recipe

    if model not in NETWORKS:
        raise typer.BadParameter(f"{model} is not one of {', '.join(NETWORKS)}", param_hint="--model")
    return Recipe(
        model=model,
        epochs=epochs,
        seed=seed,
        augmentation=augmentation_of(model),
        sequence_frames=sequence_frames_of(model),
    )


def read_episodes(folder: Path) -> tuple[list[Episode], Report]:
    """Read as `scaleglove.recordings.load_folder` does, with a progress bar."""
    from scaleglove.recordings import find_recordings, load_folder

    console = Console(stderr=True)
    paths = track(find_recordings(folder), "reading", console=console, disable=not console.is_terminal)
    return load_folder(folder, paths)


def read_training(folder: Path, recipe: Recipe, vocabulary: str | None = None) -> tuple[Recipe, list[Recording]]:
    """Read the labelled episodes of a folder; return them and the recipe that is fit for them: its vocabulary is the
    one named, else that of their labels, and each of many people gets the ranges of the others.

    Raises:
        ScaleGloveError: there are none, or their labels make no vocabulary.
    """
    from models.data.dataset import are_many_people
    from models.data.labels import vocabulary_of

    episodes, _ = read_episodes(folder)
    found = find_vocabulary(vocabulary) if vocabulary else vocabulary_of(episodes)
    recipe = replace(recipe, vocabulary=found)
    recordings = _usable(folder, episodes, recipe)
    if are_many_people(recordings):
        recipe = replace(recipe, augmentation=replace(recipe.augmentation, other_range=OTHER_RANGE))
    return recipe, recordings


def fit_for(recipe: Recipe, of_data: Recipe) -> Recipe:
    """Return a recipe with what depends on the data as in that of another network for the same data."""
    augmentation = replace(recipe.augmentation, other_range=of_data.augmentation.other_range)
    return replace(recipe, vocabulary=of_data.vocabulary, augmentation=augmentation)


def read_recordings(folder: Path, recipe: Recipe) -> list[Recording]:
    """Read the labelled episodes of a folder at the recipe's rate and of its vocabulary; report how many are left out.

    Raises:
        ScaleGloveError: there are none.
    """
    return _usable(folder, read_episodes(folder)[0], recipe)


def _usable(folder: Path, episodes: Sequence[Episode], recipe: Recipe) -> list[Recording]:
    from models.data.dataset import to_recordings

    recordings, left_out = to_recordings(episodes, recipe.sample_rate_hz, recipe.min_frames, recipe.vocabulary)
    reasons = left_out_of(episodes, left_out, recipe.min_frames, recipe.vocabulary)
    if not recordings:
        raise ScaleGloveError(f"{folder}: none of {len(episodes)} episodes can be used: {'; '.join(reasons)}")
    for reason in reasons:
        print(f"left out: {reason}", file=sys.stderr)
    return recordings


def left_out_of(episodes: Sequence[Episode], left_out: int, min_frames: int, vocabulary: Vocabulary) -> list[str]:
    """Return the reasons why `left_out` of these episodes are not of a training, each with its number."""
    reasons = []
    lacking = [episode for episode in episodes if episode.missing]
    if lacking:
        names = Counter(", ".join(episode.missing) for episode in lacking)
        reasons += [f"{count} episodes without readings of {channels}" for channels, count in names.items()]
    known = set(vocabulary.names)
    complete = [episode for episode in episodes if not episode.missing]
    others = Counter(episode.label for episode in complete if episode.label and episode.label not in known)
    if others:
        named = ", ".join(list(others)[:_NAMED_LABELS]) + (", ..." if len(others) > _NAMED_LABELS else "")
        reasons.append(f"{others.total()} episodes of labels that vocabulary {vocabulary.name} does not have: {named}")
    if unlabelled := sum(not episode.label for episode in complete):
        reasons.append(f"{unlabelled} episodes without a label (folders COLLECTION/LABEL/BEND name it)")
    if short := left_out - len(lacking) - others.total() - unlabelled:
        reasons.append(f"{short} episodes shorter than {min_frames} frames")
    return reasons
