"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from models.training.training import Recipe

Folder = Annotated[Path, typer.Argument(help="folder of recordings: COLLECTION/LETTER/BEND/episode_*.csv")]
ModelName = Annotated[
    str,
    typer.Option(
        help="MSCSGRU_ScaleAware_Encoded, MSCSGRU_ScaleAware, MSCSGRU_ScaleHard, MSCGRU_ScaleAware, MSCSGRU or "
        "MSCSGRU_ScaleAware_Stream"
    ),
]
Epochs = Annotated[int, typer.Option(min=1)]
Seed = Annotated[int, typer.Option(min=0)]
Json = Annotated[bool, typer.Option("--json", help="print JSON for a program")]

DEFAULT_MODEL = "MSCSGRU_ScaleAware_Encoded"


def make_recipe(model: str, epochs: int, seed: int) -> Recipe:
    """The recipe these options ask for.

    Raises:
        BadParameter: there is no such model.
    """
    from models.networks.catalogue import NETWORKS, augmentation_of, sequence_frames_of
    from models.training.training import Recipe

    if model not in NETWORKS:
        raise typer.BadParameter(f"{model} is not one of {', '.join(NETWORKS)}", param_hint="--model")
    return Recipe(
        model=model,
        epochs=epochs,
        seed=seed,
        augmentation=augmentation_of(model),
        sequence_frames=sequence_frames_of(model),
    )
