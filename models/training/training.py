"""Training of a network on recordings. Only the recordings passed in are used, and no checkpoint is selected: the
result is the weights after the last epoch of a fixed schedule.

Everything random (first weights, order, windows, dropout) is a function of the seed and the position in the training,
and one thread does the work: the same recipe and recordings give the same weights bit for bit, uninterrupted or
resumed, whatever the number of threads. Another kind of processor, a GPU or another version of torch rounds
differently; there the weights are only close.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, Sampler

from models.data.dataset import (
    Augmentation,
    Batch,
    Recording,
    WindowSampler,
    common_ranges,
    to_batch,
)
from models.data.sequences import NOTHING_HELD, Sequences, SequenceSampler
from models.networks.catalogue import NETWORKS
from models.networks.normaliser import Normaliser
from models.networks.scale_aware import MSCSGRU_ScaleAware_Stream, Network
from models.training.metric import fit_metric
from models.training.progress import EpochProgress, OnEpoch
from scaleglove.atomic_file import atomic_write
from scaleglove.errors import ScaleGloveError
from scaleglove.vocabulary import Vocabulary, load_vocabulary

KEEP_EVERY_EPOCHS = 2
"""Epochs between two saves of the state to resume from; a save takes some hundredths of a second."""

_INPUT_STRIDE = 5
"""A letter is held still: every fifth frame has the same distribution as all of them."""

_METRIC_BATCH = 256
_IDENTITY = "scaleglove_training"


class TrainingError(ScaleGloveError):
    """Raised for a training that cannot be completed."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that determines a training, besides the data."""

    model: str = "MSCSGRU_ScaleAware"
    sample_rate_hz: float = 50.0
    window_frames: int = 80
    min_frames: int = 10
    epochs: int = 30
    batch_size: int = 128
    learning_rate: float = 3e-3
    weight_decay: float = 1e-2
    label_smoothing: float = 0.05
    seed: int = 0
    augmentation: Augmentation = field(default_factory=Augmentation)
    sequence_frames: int | None = None
    """Length of the training sequences, with a loss after every step; None: the network is trained on windows."""

    vocabulary: Vocabulary = field(default_factory=lambda: load_vocabulary("korean"))
    """The labels that are recognised; those of the recordings are indices into it."""

    def as_dict(self) -> dict[str, Any]:
        """Return the recipe as JSON; as in older recipes, `sequence_frames` is omitted where it is None, the
        augmentation's `other_range` where it is 0, and the vocabulary where it is the Korean letters."""
        recipe = {name: value for name, value in asdict(self).items() if (name, value) != ("sequence_frames", None)}
        if not self.augmentation.other_range:
            del recipe["augmentation"]["other_range"]
        del recipe["vocabulary"]
        if self.vocabulary != load_vocabulary("korean"):
            recipe["vocabulary"] = self.vocabulary.model_dump(mode="json")
        return recipe

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Self:
        """Read what `as_dict` returned.

        Raises:
            TypeError: a setting is missing, or is none of a recipe.
            pydantic.ValidationError: the vocabulary is not one.
        """
        read = stored | {"augmentation": Augmentation(**stored["augmentation"])}
        if "vocabulary" in stored:
            read["vocabulary"] = Vocabulary.model_validate(stored["vocabulary"])
        return cls(**read)


def first_network(recipe: Recipe) -> Network:
    """Return the network before its first step: a function of the recipe alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        return NETWORKS[recipe.model](learning_rate=recipe.learning_rate, classes=len(recipe.vocabulary.labels))


def fingerprint(recordings: Sequence[Recording]) -> str:
    """Return the SHA-256 (hex) of what a training uses of its recordings: samples, letters, collections and bends."""
    digest = hashlib.sha256()
    for recording in recordings:
        about = (recording.collection, recording.label, recording.bend, recording.samples.shape)
        digest.update(repr(about).encode())
        digest.update(recording.samples.astype("<f4").tobytes())
    return digest.hexdigest()


def fit(
    recordings: Sequence[Recording],
    recipe: Recipe,
    state: Path | None = None,
    on_epoch: OnEpoch | None = None,
    left_out: Sequence[Recording] = (),
) -> tuple[Network, Normaliser]:
    """Train a network; return it in evaluation mode, with the normaliser fitted on the same recordings.

    Args:
        recordings: to train on.
        recipe: of the training.
        state: file that is kept up to date while training; if it exists at the start, training resumes from it.
        on_epoch: called after each epoch with the progress.
        left_out: recordings whose accuracy is part of the progress. They change no weight.

    Raises:
        NormaliserError: a sensor was dead in all recordings.
        TrainingError: the loss is not finite, `state` is of another training, or Ctrl-C stopped it.
    """
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    has_ranges = recipe.augmentation.other_range > 0
    in_common = common_ranges(recordings)[0] if has_ranges else recordings
    seen = [*recordings, *in_common] if has_ranges else recordings
    normaliser = Normaliser.fit([recording.samples for recording in seen])
    network = first_network(recipe)
    _fit_inputs(network, normaliser, seen)
    identity = json.dumps(
        {"recipe": recipe.as_dict(), "recordings": fingerprint(recordings), "torch": torch.__version__}, sort_keys=True
    )
    resume = state is not None and state.exists()
    if state is not None and resume:
        _check_state(state, identity)
    fitting = _fit_of(network, recipe, identity)
    callbacks: list[Callback] = [_KeepState(state)] if state else []
    if on_epoch is not None:
        callbacks.append(_Report(on_epoch, lambda: _accuracy(network, normaliser, left_out, recipe.window_frames)))
    with warnings.catch_warnings(), one_thread():
        # One batch takes a millisecond to make: worker processes would only cost.
        warnings.filterwarnings("ignore", ".*does not have many workers.*")
        warnings.filterwarnings("ignore", ".*LeafSpec.*", FutureWarning)  # Lightning's own use of torch's tree module
        try:
            _trainer(recipe, callbacks).fit(
                fitting,
                _loader(recordings, recipe, normaliser),
                ckpt_path=state if resume else None,
                weights_only=True if resume else None,
            )
        except SystemExit:  # what Lightning makes of Ctrl-C
            raise TrainingError(_how_to_continue(state)) from None
    network.eval().cpu()
    network.metric.copy_(_metric(network, normaliser, in_common, recipe.window_frames))
    return network, normaliser


def _fit_inputs(network: Network, normaliser: Normaliser, recordings: Sequence[Recording]) -> None:
    frames = np.concatenate([recording.samples[::_INPUT_STRIDE] for recording in recordings])
    inputs = (normaliser.apply(frames), normaliser.gain, normaliser.offset)
    network.fit_inputs(*map(torch.from_numpy, inputs))


def _metric(network: Network, normaliser: Normaliser, recordings: Sequence[Recording], window_frames: int) -> Tensor:
    """Fit the metric on the newest window of every recording."""
    with torch.inference_mode(), one_thread():
        batches = _newest(recordings, normaliser, window_frames)
        features = [network.features(x, x_padding) for x, x_padding, _ in batches]
    return fit_metric(torch.cat(features), torch.tensor([recording.label for recording in recordings]))


def _newest(
    recordings: Sequence[Recording], normaliser: Normaliser, window_frames: int
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yield the network's inputs for the newest window of every recording, in batches."""
    for start in range(0, len(recordings), _METRIC_BATCH):
        part = recordings[start : start + _METRIC_BATCH]
        yield tensors(normaliser, to_batch([r.samples[-window_frames:] for r in part], [r.label for r in part]))


def _accuracy(
    network: Network, normaliser: Normaliser, recordings: Sequence[Recording], window_frames: int
) -> float | None:
    """Return the percentage of recordings that a network in training recognises, None without recordings; the network
    is left as it was."""
    if not recordings:
        return None
    device = next(network.parameters()).device
    was_training = network.training
    network.eval()
    with torch.inference_mode():
        right = sum(
            int((network(x.to(device), x_padding.to(device))[0].argmax(dim=1).cpu() == y_targets).sum())
            for x, x_padding, y_targets in _newest(recordings, normaliser, window_frames)
        )
    network.train(was_training)
    return 100 * right / len(recordings)


@contextmanager
def one_thread() -> Iterator[None]:
    """Run torch on one thread: sums are then always taken in the same order, and small networks are faster."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


class _Seen:
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


class _Fit(lightning.LightningModule):
    """AdamW with a one-cycle rate and cross-entropy. `identity` identifies the training in its state."""

    def __init__(self, network: Network, recipe: Recipe, identity: str) -> None:
        super().__init__()
        self.network = network
        self._recipe = recipe
        self._identity = identity
        self.seen = _Seen()

    def on_train_epoch_start(self) -> None:
        self.seen = _Seen()

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
        checkpoint[_IDENTITY] = self._identity


class _FitSequences(_Fit):
    """Training on sequences: every step in which a letter has been held for a while has it as target."""

    def __init__(self, network: MSCSGRU_ScaleAware_Stream, recipe: Recipe, identity: str) -> None:
        super().__init__(network, recipe, identity)
        self._unroll = network.unroll

    def _answers(self, batch: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        x, y_frames = batch
        y_steps = y_frames[:, 1::2]  # a step ends with its second frame
        held = y_steps != NOTHING_HELD
        return self._unroll(x)[:, : y_steps.shape[1]][held], y_steps[held]


def _fit_of(network: Network, recipe: Recipe, identity: str) -> _Fit:
    if recipe.sequence_frames is None:
        return _Fit(network, recipe, identity)
    if not isinstance(network, MSCSGRU_ScaleAware_Stream):
        raise TrainingError(f"{recipe.model} has no `unroll`: it can be trained on windows only, not on sequences")
    return _FitSequences(network, recipe, identity)


class _EpochOrder(Sampler[int]):
    """Sampler of all indices in an order that is a function of seed and epoch; Lightning calls `set_epoch`."""

    def __init__(self, count: int, seed: int) -> None:
        self._count = count
        self._seed = seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        position = np.random.SeedSequence((self._seed, self.epoch), spawn_key=(0,))
        yield from np.random.default_rng(position).permutation(self._count).tolist()


class _KeepState(Callback):
    """Saves the state to resume from every few epochs."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def on_train_epoch_end(self, trainer: lightning.Trainer, _: lightning.LightningModule) -> None:
        if (trainer.current_epoch + 1) % KEEP_EVERY_EPOCHS == 0:
            with atomic_write(self._path) as draft:
                trainer.save_checkpoint(draft)


class _Report(Callback):
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
        assert isinstance(module, _Fit)
        loss, accuracy = module.seen.means()
        left_out_accuracy = self._measure()
        done, epochs = trainer.current_epoch + 1, trainer.max_epochs or 0
        seconds = time.monotonic() - self._begun_s
        left = seconds / (done - self._first) * (epochs - done)
        self._on_epoch(EpochProgress(done, epochs, loss, accuracy, left_out_accuracy, seconds, left))


def _how_to_continue(state: Path | None) -> str:
    if state is None or not state.exists():
        return "training was stopped"
    return f"training was stopped; --resume continues from {state}"


def _check_state(path: Path, identity: str) -> None:
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)[_IDENTITY]
    except Exception:  # noqa: BLE001 - unpickling raises many types
        raise TrainingError(f"{path}: not the state of an interrupted training") from None
    if found != identity:
        raise TrainingError(f"{path}: the state of a training with another recipe or on other recordings")


def _loader(recordings: Sequence[Recording], recipe: Recipe, normaliser: Normaliser) -> DataLoader[int]:
    order = _EpochOrder(len(recordings), recipe.seed)
    batch = _batches(recordings, recipe, normaliser)
    return DataLoader(
        range(len(recordings)),  # type: ignore[arg-type]  # indices; the sampler makes the windows, a batch at once
        batch_size=min(recipe.batch_size, len(recordings)),
        sampler=order,
        drop_last=True,
        collate_fn=lambda indices: batch(indices, order.epoch),
    )


def _batches(
    recordings: Sequence[Recording], recipe: Recipe, normaliser: Normaliser
) -> Callable[[Sequence[int], int], tuple[Tensor, ...]]:
    """Return a function that makes a batch from indices in an epoch."""
    drawn_with = recipe.augmentation, recipe.seed
    if recipe.sequence_frames is None:
        windows = WindowSampler(recordings, recipe.window_frames, recipe.min_frames, *drawn_with)
        return lambda indices, epoch: tensors(normaliser, windows.batch(indices, epoch))
    sequences = SequenceSampler(recordings, recipe.sequence_frames, recipe.window_frames, *drawn_with)
    return lambda indices, epoch: _sequence_tensors(normaliser, sequences.batch(indices, epoch))


def _trainer(recipe: Recipe, callbacks: list[Callback]) -> lightning.Trainer:
    return lightning.Trainer(
        max_epochs=recipe.epochs,
        accelerator="auto",
        devices=1,
        gradient_clip_val=1.0,
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        enable_progress_bar=False,
        callbacks=callbacks,
    )


def _sequence_tensors(normaliser: Normaliser, batch: Sequences) -> tuple[Tensor, Tensor]:
    """Return the network's inputs for raw sequences: x float32[B, T, 8] normalised, y_frames int64[B, T]."""
    return torch.from_numpy(normaliser.apply(batch.frames)), torch.from_numpy(batch.labels)


def tensors(normaliser: Normaliser, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """Return the network's inputs for a raw batch: x float32[B, T, 8] normalised, x_padding bool[B, T], y_targets
    int64[B]."""
    padding = np.arange(batch.frames.shape[1]) >= batch.lengths[:, np.newaxis]
    return torch.from_numpy(normaliser.apply(batch.frames)), torch.from_numpy(padding), torch.from_numpy(batch.labels)
