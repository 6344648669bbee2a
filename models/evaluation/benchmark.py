"""Families times seeds times folds: measured in worker processes, kept on disk as they come, the same for any number of
workers."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import torch

from models.data.dataset import Recording
from models.evaluation.classifier import ClassifierFamily
from models.evaluation.job import Job, Result, measured
from models.evaluation.protocols import Known, folds
from models.training.training import fingerprint
from scaleglove.atomic_file import written_whole
from scaleglove.errors import ScaleGloveError

_PACKAGES = frozenset({"models", "scaleglove"})


def plan(families: Sequence[ClassifierFamily], recordings: Sequence[Recording], seeds: Sequence[int]) -> list[Job]:
    """Every unit of the benchmark; the splits depend on the seed, never on the family.

    Raises:
        EvaluationError: there is too little to learn from and to test on.
    """
    known = Known.of(recordings)
    by_seed = {seed: folds(known, seed) for seed in seeds}
    return [Job(family, seed, fold) for family in families for seed in seeds for fold in by_seed[seed]]


class Runs:
    """Results on disk, a file for each unit. A result counts as long as the recordings, the family's settings, the
    libraries and the source of all that had a part in it are the same, committed or not: what is interrupted goes on,
    and nothing stale is taken."""

    def __init__(self, folder: Path, recordings: Sequence[Recording], versions: Mapping[str, str]) -> None:
        """
        Args:
            folder: made where it is missing.
            recordings: that the results are of.
            versions: of the libraries.

        Raises:
            OSError: the folder cannot be made.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._data = fingerprint(recordings)
        self._versions = dict(versions)
        self._sources: dict[str, str] = {}

    def load(self, unit: Job) -> Result | None:
        """The stored result; None where there is none."""
        try:
            stored: Result = json.loads(self._path(unit).read_text(encoding="utf-8"))
            return stored
        except FileNotFoundError:
            return None

    def save(self, unit: Job, result: Result) -> None:
        with written_whole(self._path(unit)) as draft:
            draft.write_text(json.dumps(result, ensure_ascii=False) + "\n", encoding="utf-8")

    def _path(self, unit: Job) -> Path:
        module = type(unit.family).__module__
        if module not in self._sources:
            self._sources[module] = digest_of_source([module, measured.__module__])
        made_of = {
            "family": unit.family.name,
            "settings": dict(unit.family.settings),
            "seed": unit.seed,
            "fold": [unit.fold.protocol, unit.fold.name],
            "data": self._data,
            "versions": self._versions,
            "source": self._sources[module],
        }
        digest = hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()
        return self._folder / f"{unit.family.name}-{unit.seed}-{digest[:24]}.json"


def compute(
    units: Sequence[Job],
    recordings: Sequence[Recording],
    workers: int,
    measure: Callable[[Job, Sequence[Recording]], Result] = measured,
) -> Iterator[tuple[Job, Result]]:
    """Units with their results, as they come.

    Args:
        units: to be measured.
        recordings: that they are measured on.
        workers: processes.
        measure: what is measured of a unit; it travels to the workers, so it must be picklable.

    Raises:
        ScaleGloveError: a unit cannot be measured, or its process was ended from outside; the text names the unit.
    """
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_one_thread)
    try:
        waiting = {pool.submit(measure, unit, recordings): unit for unit in units}
        for done in as_completed(waiting):
            unit = waiting[done]
            try:
                yield unit, done.result()
            except ScaleGloveError as error:
                raise ScaleGloveError(f"{unit.title}: {error}") from error
            except BrokenProcessPool:
                raise ScaleGloveError(f"{unit.title}: its process was ended from outside (memory?)") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _one_thread() -> None:
    """A worker is one thread: workers share the cores, and sums come in the same order whatever their number."""
    torch.set_num_threads(1)


def digest_of_source(modules: Sequence[str]) -> str:
    """SHA-256 over the source of these modules of ours and of all modules of ours that they import, themselves or by
    way of others, at any place in their code."""
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
    """Names imported from our package. `from models.a import b` may mean module a, or module a.b: both are named."""
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
