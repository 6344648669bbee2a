"""Steps of a training, and what is kept and reported after every epoch, for Lightning."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor
from torch.nn import functional

from models.data.sequences import NOTHING_HELD
from models.networks.scale_aware import MSCSGRU_ScaleAware_Stream, Network
from models.training.device import compute_device
from models.training.progress import EpochProgress, OnEpoch
from models.training.recipe import Recipe, TrainingError
from scaleglove.atomic_file import atomic_write

KEEP_EVERY_EPOCHS = 2
"""Epochs between two saves of the state to resume from; a save takes some hundredths of a second."""

IDENTITY = "scaleglove_training"
"""Key of a kept state that says which training it is of."""


class Seen:
    """What one epoch has seen: sums over its targets, on the device until they are asked for."""

    def __init__(self) -> None:
        self._count = 0
        self._sums: Tensor | None = None

    def add(self, loss: Tensor, logits: Tensor, y_targets: Tensor) -> None:
        """Add a batch: its mean loss, logits float32[n, classes] and targets int64[n]."""
        right = (logits.argmax(dim=1) == y_targets).sum()
        sums = torch.stack([loss * len(y_targets), right.to(loss.dtype)])
        self._sums = sums if self._sums is None else self._sums + sums
        self._count += len(y_targets)

    def means(self) -> tuple[float, float]:
        """Return the mean loss and the accuracy in percent; not a number where an epoch had no batch."""
        if self._sums is None:
            return float("nan"), float("nan")
        loss, right = (self._sums / self._count).tolist()
        return loss, 100 * right


class Fit(lightning.LightningModule):
    """AdamW with a one-cycle rate and cross-entropy. `identity` identifies the training in its state."""

    def __init__(self, network: Network, recipe: Recipe, identity: str) -> None:
        super().__init__()
        self.network = network
        self._recipe = recipe
        self._identity = identity
        self.seen = Seen()

    def on_train_epoch_start(self) -> None:
        self.seen = Seen()

    def training_step(self, batch: tuple[Tensor, ...], number: int) -> Tensor:
        position = np.random.SeedSequence((self._recipe.seed, self.current_epoch, number), spawn_key=(1,))
        torch.manual_seed(int(position.generate_state(1)[0]))  # dropout
        logits, y_targets = self._answers(batch)
        loss = functional.cross_entropy(logits, y_targets, label_smoothing=self._recipe.label_smoothing)
        if not torch.isfinite(loss):
            raise TrainingError(f"training diverged in epoch {self.current_epoch}: the loss is {loss.item()}")
        self.seen.add(loss.detach(), logits.detach(), y_targets)
        return loss

    def _answers(self, batch: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """Return logits float[n, classes] and target letters int64[n]."""
        x, x_padding, y_targets = batch
        logits, _ = self.network(x, x_padding)
        return logits, y_targets

    def configure_optimizers(self) -> Any:
        rate = self._recipe.learning_rate
        optimizer = torch.optim.AdamW(self.parameters(), lr=rate, weight_decay=self._recipe.weight_decay)
        steps = int(self.trainer.estimated_stepping_batches)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=rate, total_steps=steps)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint[IDENTITY] = self._identity


class FitSequences(Fit):
    """Training on sequences: every step in which a letter has been held for a while has it as target."""

    def __init__(self, network: MSCSGRU_ScaleAware_Stream, recipe: Recipe, identity: str) -> None:
        super().__init__(network, recipe, identity)
        self._unroll = network.unroll

    def _answers(self, batch: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        x, y_frames = batch
        y_steps = y_frames[:, 1::2]  # a step ends with its second frame
        held = y_steps != NOTHING_HELD
        return self._unroll(x)[:, : y_steps.shape[1]][held], y_steps[held]


def fit_of(network: Network, recipe: Recipe, identity: str) -> Fit:
    if recipe.sequence_frames is None:
        return Fit(network, recipe, identity)
    if not isinstance(network, MSCSGRU_ScaleAware_Stream):
        raise TrainingError(f"{recipe.model} has no `unroll`: it can be trained on windows only, not on sequences")
    return FitSequences(network, recipe, identity)


def check_state(path: Path, identity: str) -> None:
    """Raise TrainingError unless the file at `path` is a kept state of the training with this identity."""
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)[IDENTITY]
    except Exception:  # noqa: BLE001 - unpickling raises many types
        raise TrainingError(f"{path}: not the state of an interrupted training") from None
    if found != identity:
        raise TrainingError(f"{path}: the state of a training with another recipe, other recordings or another device")


class KeepState(Callback):
    """Saves the state to resume from every few epochs."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def on_train_epoch_end(self, trainer: lightning.Trainer, _: lightning.LightningModule) -> None:
        if (trainer.current_epoch + 1) % KEEP_EVERY_EPOCHS == 0:
            with atomic_write(self._path) as draft:
                trainer.save_checkpoint(draft)


class Report(Callback):
    """Reports the progress after every epoch; `measure` gives the accuracy on what is left out."""

    def __init__(self, on_epoch: OnEpoch, measure: Callable[[], float | None]) -> None:
        self._on_epoch = on_epoch
        self._measure = measure
        self._begun_s = 0.0
        self._first = 0

    def on_train_start(self, trainer: lightning.Trainer, _: lightning.LightningModule) -> None:
        self._begun_s = time.monotonic()
        self._first = trainer.current_epoch

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        assert isinstance(module, Fit)
        loss, accuracy = module.seen.means()
        left_out_accuracy = self._measure()
        done, epochs = trainer.current_epoch + 1, trainer.max_epochs or 0
        seconds = time.monotonic() - self._begun_s
        left = seconds / (done - self._first) * (epochs - done)
        self._on_epoch(EpochProgress(done, epochs, loss, accuracy, left_out_accuracy, seconds, left))


def trainer_of(recipe: Recipe, state: Path | None, report: Report | None) -> lightning.Trainer:
    """Return the trainer for a recipe, which keeps its state in the file `state` and makes the report, where given."""
    callbacks: list[Callback] = [KeepState(state)] if state else []
    if report is not None:
        callbacks.append(report)
    return lightning.Trainer(
        max_epochs=recipe.epochs,
        accelerator=compute_device().type,
        devices=1,
        gradient_clip_val=1.0,
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        enable_progress_bar=False,
        callbacks=callbacks,
    )
