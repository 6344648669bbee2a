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
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Sampler

from models.data.dataset import (
    Batch,
    Recording,
    WindowSampler,
    common_ranges,
    to_batch,
)
from models.data.sequences import Sequences, SequenceSampler
from models.networks.catalogue import NETWORKS
from models.networks.normaliser import Normaliser
from models.networks.scale_aware import Network
from models.training.device import PROCESSOR, device_name
from models.training.metric import fit_metric
from models.training.progress import OnEpoch
from models.training.recipe import Recipe, TrainingError

_INPUT_STRIDE = 5
"""A letter is held still: every fifth frame has the same distribution as all of them."""

_METRIC_BATCH = 256


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
    # Lightning takes twice as long to import as torch, and only who trains needs it.
    from models.training import steps  # noqa: PLC0415

    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    has_ranges = recipe.augmentation.other_range > 0
    in_common = common_ranges(recordings)[0] if has_ranges else recordings
    seen = [*recordings, *in_common] if has_ranges else recordings
    normaliser = Normaliser.fit([recording.samples for recording in seen])
    network = first_network(recipe)
    _fit_inputs(network, normaliser, seen)
    identity = _identity(recipe, recordings)
    resume = state is not None and state.exists()
    if state is not None and resume:
        steps.check_state(state, identity)
    fitting = steps.fit_of(network, recipe, identity)
    report = None
    if on_epoch is not None:
        report = steps.Report(on_epoch, lambda: _accuracy(network, normaliser, left_out, recipe.window_frames))
    with warnings.catch_warnings(), one_thread():
        # One batch takes a millisecond to make: worker processes would only cost.
        warnings.filterwarnings("ignore", ".*does not have many workers.*")
        warnings.filterwarnings("ignore", ".*LeafSpec.*", FutureWarning)  # Lightning's own use of torch's tree module
        try:
            steps.trainer_of(recipe, state, report).fit(
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


def _identity(recipe: Recipe, recordings: Sequence[Recording]) -> str:
    """Return what identifies a training in its state. That of a processor is as it was before there were GPUs."""
    made_of = {"recipe": recipe.as_dict(), "recordings": fingerprint(recordings), "torch": torch.__version__}
    device = device_name()
    if device != PROCESSOR:
        made_of["device"] = device
    return json.dumps(made_of, sort_keys=True)


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


def _how_to_continue(state: Path | None) -> str:
    if state is None or not state.exists():
        return "training was stopped"
    return f"training was stopped; --resume continues from {state}"


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


def _sequence_tensors(normaliser: Normaliser, batch: Sequences) -> tuple[Tensor, Tensor]:
    """Return the network's inputs for raw sequences: x float32[B, T, 8] normalised, y_frames int64[B, T]."""
    return torch.from_numpy(normaliser.apply(batch.frames)), torch.from_numpy(batch.labels)


def tensors(normaliser: Normaliser, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """Return the network's inputs for a raw batch: x float32[B, T, 8] normalised, x_padding bool[B, T], y_targets
    int64[B]."""
    padding = np.arange(batch.frames.shape[1]) >= batch.lengths[:, np.newaxis]
    return torch.from_numpy(normaliser.apply(batch.frames)), torch.from_numpy(padding), torch.from_numpy(batch.labels)
