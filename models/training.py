"""Fits a network on recordings. No part of the data that is not handed in is looked at, and no checkpoint is picked:
the weights after the last epoch of a fixed schedule are the result."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import RichProgressBar
from torch import Tensor
from torch.utils.data import DataLoader

from models.contract import ScaleGloveError
from models.dataset import Augmentation, Batch, Recording, WindowSampler
from models.network import NETWORKS, Network
from models.normaliser import Normaliser


class TrainingError(ScaleGloveError):
    """A training that cannot give a network."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides a training, besides the data."""

    model: str = "MSCSGRU_ScaleAware"
    sample_rate_hz: float = 50.0
    window_frames: int = 80
    min_frames: int = 10
    epochs: int = 40
    batch_size: int = 128
    learning_rate: float = 3e-3
    weight_decay: float = 1e-2
    seed: int = 0
    augmentation: Augmentation = field(default_factory=Augmentation)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class _Fit(lightning.LightningModule):
    """AdamW with a one-cycle rate on a network's own loss."""

    def __init__(self, network: Network, weight_decay: float) -> None:
        super().__init__()
        self.network = network
        self._weight_decay = weight_decay

    def training_step(self, batch: tuple[Tensor, Tensor, Tensor], _: int) -> Tensor:
        _, loss = self.network(*batch)
        assert isinstance(loss, Tensor)
        if not torch.isfinite(loss):
            raise TrainingError(f"training came apart in epoch {self.current_epoch}: the loss is {loss.item()}")
        self.log("loss", loss, prog_bar=True, batch_size=len(batch[2]))
        return loss

    def configure_optimizers(self) -> Any:
        rate = self.network.learning_rate
        optimizer = torch.optim.AdamW(self.parameters(), lr=rate, weight_decay=self._weight_decay)
        steps = int(self.trainer.estimated_stepping_batches)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=rate, total_steps=steps)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def fit(recordings: Sequence[Recording], recipe: Recipe, progress: bool = True) -> tuple[Network, Normaliser]:
    """A trained network in evaluation mode, and the normaliser fitted on the same recordings."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    lightning.seed_everything(recipe.seed, verbose=False)
    normaliser = Normaliser.fit([recording.samples for recording in recordings])
    network = NETWORKS[recipe.model](learning_rate=recipe.learning_rate)
    sampler = WindowSampler(
        recordings,
        recipe.window_frames,
        recipe.min_frames,
        recipe.augmentation,
        np.random.default_rng(recipe.seed),
    )
    loader: DataLoader[int] = DataLoader(
        range(len(recordings)),  # type: ignore[arg-type]  # indices; the sampler makes the windows, a batch at once
        batch_size=min(recipe.batch_size, len(recordings)),
        shuffle=True,
        drop_last=True,
        collate_fn=lambda indices: tensors(normaliser, sampler.batch(indices)),
    )
    trainer = _trainer(recipe, progress)
    with warnings.catch_warnings():
        # One batch takes a millisecond to make: worker processes would only cost.
        warnings.filterwarnings("ignore", ".*does not have many workers.*")
        warnings.filterwarnings("ignore", ".*LeafSpec.*", FutureWarning)  # Lightning's own use of torch's tree module
        trainer.fit(_Fit(network, recipe.weight_decay), loader)
    return network.eval().cpu(), normaliser


def _trainer(recipe: Recipe, progress: bool) -> lightning.Trainer:
    return lightning.Trainer(
        max_epochs=recipe.epochs,
        accelerator="auto",
        devices=1,
        gradient_clip_val=1.0,
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        enable_progress_bar=progress,
        callbacks=[RichProgressBar(leave=True, console_kwargs={"stderr": True})] if progress else None,
    )


def tensors(normaliser: Normaliser, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """A raw batch as the network takes it: x float32[B, T, 8] normalised, x_padding bool[B, T], y_targets int64[B]."""
    padding = np.arange(batch.frames.shape[1]) >= batch.lengths[:, np.newaxis]
    return torch.from_numpy(normaliser.apply(batch.frames)), torch.from_numpy(padding), torch.from_numpy(batch.labels)
