"""The benchmark: every family with every seed on every fold, in worker processes, with its results cached on disk. The
number of workers does not change a result."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import fields
from pathlib import Path

import numpy as np
import torch

from models.data.dataset import Recording
from models.evaluation.classifier import ClassifierFamily
from models.evaluation.job import Job, Result, measure
from models.evaluation.protocols import USUAL_DRAWS, Draws, Fold, Known, Session, Split, SupportSet, folds
from models.training.device import device_name
from models.training.training import fingerprint
from scaleglove.atomic_file import atomic_write
from scaleglove.errors import ScaleGloveError

_PACKAGES = frozenset({"models", "scaleglove"})


def plan(
    families: Sequence[ClassifierFamily],
    recordings: Sequence[Recording],
    seeds: Sequence[int],
    draws: Draws = USUAL_DRAWS,
) -> list[Job]:
    """Return every job of the benchmark; folds depend on the seed, never on the family."""
    known = Known.of(recordings)
    by_seed = {seed: folds(known, seed, draws) for seed in seeds}
    return [Job(family, seed, fold) for family in families for seed in seeds for fold in by_seed[seed]]


class Runs:
    """Results on disk, a file for each job. A result is valid as long as the recordings, the family's settings, the
    libraries, the device and the source code that it depends on are the same, committed or not: an interrupted
    benchmark can be continued, and no stale result is used."""

    def __init__(self, folder: Path, recordings: Sequence[Recording], versions: Mapping[str, str]) -> None:
        """Open the folder of results.

        Args:
            folder: created if missing.
            recordings: of the benchmark.
            versions: of the libraries.

        Raises:
            OSError: the folder cannot be created.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._data = fingerprint(recordings)
        self._versions = dict(versions)
        self._sources: dict[str, str] = {}

    def load(self, job: Job) -> Result | None:
        """Return the stored result of a job; None without one."""
        try:
            stored: Result = json.loads(self._path(job).read_text(encoding="utf-8"))
            return stored
        except FileNotFoundError:
            return None

    def save(self, job: Job, result: Result) -> None:
        """Store the result of a job."""
        with atomic_write(self._path(job)) as draft:
            draft.write_text(json.dumps(result, ensure_ascii=False) + "\n", encoding="utf-8")

    def _path(self, job: Job) -> Path:
        module = type(job.family).__module__
        if module not in self._sources:
            self._sources[module] = digest_of_source([module, measure.__module__])
        made_of = {
            "family": job.family.name,
            "settings": dict(job.family.settings),
            "seed": job.seed,
            "fold": [job.fold.protocol, job.fold.name],
            "parts": _digest_of_parts(job.fold),
            "data": self._data,
            "versions": self._versions,
            "device": device_name(),
            "source": self._sources[module],
        }
        digest = hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()
        return self._folder / f"{job.family.name}-{job.seed}-{digest[:24]}.json"


def compute(
    jobs: Sequence[Job],
    recordings: Sequence[Recording],
    workers: int,
    measure: Callable[[Job, Sequence[Recording]], Result] = measure,
) -> Iterator[tuple[Job, Result]]:
    """Run jobs in worker processes and yield each with its result, in the order in which they finish.

    Args:
        jobs: to run.
        recordings: of the benchmark.
        workers: number of processes.
        measure: run for each job; it is sent to the workers, so it must be picklable.

    Raises:
        ScaleGloveError: a job failed, or its process was killed; the text names the job.
    """
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_one_thread)
    try:
        waiting = {pool.submit(measure, job, recordings): job for job in jobs}
        for done in as_completed(waiting):
            job = waiting[done]
            try:
                yield job, done.result()
            except ScaleGloveError as error:
                raise ScaleGloveError(f"{job.title}: {error}") from error
            except BrokenProcessPool:
                raise ScaleGloveError(f"{job.title}: its process was killed (out of memory?)") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _digest_of_parts(fold: Fold) -> str:
    """Return the SHA-256 of what is trained on, drawn and tested."""
    digest = hashlib.sha256()
    parts: tuple[Fold | Split | SupportSet | Session, ...] = (
        fold,
        *fold.ranges,
        *fold.splits,
        *fold.support_sets,
        *fold.sessions,
    )
    for part in parts:
        for field in fields(part):
            if isinstance(indices := getattr(part, field.name), np.ndarray):
                digest.update(f"{field.name} {len(indices)}".encode() + indices.tobytes())
    return digest.hexdigest()


def _one_thread() -> None:
    """Use one thread in each worker: workers share the cores, and sums are taken in the same order."""
    torch.set_num_threads(1)


def digest_of_source(modules: Sequence[str]) -> str:
    """Return the SHA-256 of the source of these modules and of all modules of this project that they import, directly
    or indirectly, anywhere in their code."""
    files = _reached(modules)
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\n".encode() + files[name].read_bytes())
    return digest.hexdigest()


def _reached(modules: Sequence[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in found or (path := _source(name)) is None:
            continue
        found[name] = path
        waiting += _imports(path)
    return found


def _imports(path: Path) -> list[str]:
    """Return the names imported from this project. `from models.a import b` may mean the module a or a.b: both."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [name for name in names if name.split(".")[0] in _PACKAGES]


def _source(name: str) -> Path | None:
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:  # `a.b` where a is a module and b a name in it
        return None
    return Path(found.origin) if found and found.origin else None
