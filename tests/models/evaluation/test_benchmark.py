"""Jobs in worker processes: the same results for any number of workers, and none is run twice."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from models.data.dataset import Recording  # noqa: E402
from models.evaluation import benchmark  # noqa: E402
from models.evaluation.baselines import ExtraTrees, MajorityGuess, NearestNeighbour  # noqa: E402
from models.evaluation.benchmark import Runs, compute, digest_of_source, plan  # noqa: E402
from models.evaluation.job import FRAMES_SEEN, Job, measure  # noqa: E402
from models.evaluation.networks import NetworkFamily  # noqa: E402
from models.evaluation.protocols import CROSS_USER, Draws, Session, Split  # noqa: E402
from models.evaluation.ranging import FRONT_END  # noqa: E402
from models.training.recipe import Recipe  # noqa: E402
from scaleglove.errors import ScaleGloveError  # noqa: E402
from scaleglove.letters import LETTERS  # noqa: E402

NETWORK = NetworkFamily(Recipe(model="MSCGRU_ScaleAware", epochs=1, batch_size=16))


@pytest.fixture
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("one_thread")
def test_two_workers_find_what_one_process_finds(made: list[Recording]) -> None:
    planned = plan([NETWORK, NearestNeighbour(labels=LETTERS)], made, [0], Draws(support_sets=1, ranges=1, sessions=1))
    _, *jobs = (job for job in planned if job.fold.protocol == CROSS_USER)  # of the network one, which takes longest
    shared = [(job.title, result) for job, result in compute(jobs, made, workers=2)]
    assert dict(shared) == {job.title: measure(job, made) for job in jobs}
    assert len(shared) == len(jobs) == 3


def test_a_job_reports_what_it_measured(made: list[Recording]) -> None:
    job = plan([NearestNeighbour(labels=LETTERS)], made, [0])[-1]
    result = measure(job, made)
    assert (result["train"], result["test"]) == (32, 32)
    assert list(result["accuracy_by_frames"]) == [str(seen) for seen in FRAMES_SEEN]
    assert result["accuracy_by_frames"]["80"] == 100  # letters far apart
    assert result["self_calibration"] is None
    assert result["guided"] == {}  # it has no embeddings to doubt by
    assert (result["tally"]["served"], result["ranged"]["method"]) == (None, FRONT_END)
    assert len(result["ranged"]["accuracy"]) == 5
    assert result["tally"]["cases"]["b"]["1"][1].split()[:5] == ["4", "4", "4", "4", "0"]
    of_one_bend = result["few_shot"]["one_bend"]
    assert {shots: (len(of["accuracy"]), of["short"]) for shots, of in of_one_bend.items()} == {
        "1": (5, 0),
        "3": (5, 0),
        "5": (5, 4),  # four of a letter and bend there are
        "10": (5, 4),
    }


def test_the_plan_is_every_family_seed_and_fold_once(made: list[Recording]) -> None:
    jobs = plan([MajorityGuess(labels=LETTERS), NearestNeighbour(labels=LETTERS)], made, [0, 1, 2])
    assert len(jobs) == len({job.title for job in jobs}) == 2 * 3 * 5
    for job, other in zip(jobs[:15], jobs[15:], strict=True):
        assert job.fold is other.fold  # all families have the same splits


def test_what_is_measured_is_found_again_and_only_for_what_it_is_of(made: list[Recording], tmp_path: Path) -> None:
    job = plan([NETWORK], made, [0])[0]
    runs = Runs(tmp_path / "runs", made, {"torch": "1"})
    assert runs.load(job) is None
    runs.save(job, {"tally": 1})
    assert Runs(tmp_path / "runs", made, {"torch": "1"}).load(job) == {"tally": 1}
    assert [path.suffix for path in (tmp_path / "runs").iterdir()] == [".json"]

    recipe = replace(NETWORK.recipe, epochs=2)
    for other in (
        replace(job, seed=1),
        replace(job, family=NetworkFamily(recipe)),
        replace(job, family=ExtraTrees(labels=LETTERS)),
        replace(job, fold=replace(job.fold, name="another")),
        replace(job, fold=replace(job.fold, ranges=(Split(job.fold.test, job.fold.test),))),
        replace(job, fold=replace(job.fold, sessions=(Session(job.fold.test, job.fold.test, job.fold.test),))),
    ):
        assert runs.load(other) is None
    assert Runs(tmp_path / "runs", made[1:], {"torch": "1"}).load(job) is None
    assert Runs(tmp_path / "runs", made, {"torch": "2"}).load(job) is None


def test_changed_code_is_measured_again(made: list[Recording], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = plan([NETWORK], made, [0])[0]
    Runs(tmp_path, made, {}).save(job, {"tally": 1})
    monkeypatch.setattr("models.evaluation.benchmark.digest_of_source", lambda modules: "other")
    assert Runs(tmp_path, made, {}).load(job) is None


@pytest.mark.usefixtures("jobs_in_this_process")
def test_a_job_that_cannot_be_measured_is_named(made: list[Recording]) -> None:
    fold = plan([NETWORK], made, [0])[-1].fold
    broken = Job(NetworkFamily(replace(NETWORK.recipe, learning_rate=1e30)), 3, fold)
    with pytest.raises(ScaleGloveError, match=r"^MSCGRU_ScaleAware, seed 3, cross_user, test on b: .*diverged"):
        list(compute([broken], made, 1))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a package in which `a` imports `b`, which imports `c` inside a function; nothing imports `d`."""
    folder = tmp_path / "madeup"
    folder.mkdir()
    for name, text in {
        "__init__": "",
        "a": "import json\nfrom madeup.b import thing\n",
        "b": "thing = 1\n\n\ndef late():\n    from madeup import c\n",
        "c": "",
        "d": "",
    }.items():
        (folder / f"{name}.py").write_text(text)
    monkeypatch.setattr(benchmark, "_PACKAGES", frozenset({"madeup"}))
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "madeup"]:
        del sys.modules[name]


@pytest.mark.parametrize(("changed", "matters"), [("a", True), ("b", True), ("c", True), ("d", False)])
def test_the_digest_is_of_what_is_imported_by_any_way(package: Path, changed: str, matters: bool) -> None:
    before = digest_of_source(["madeup.a"])
    assert digest_of_source(["madeup.a"]) == before
    path = package / f"{changed}.py"
    path.write_text(path.read_text() + "# changed\n")
    assert (digest_of_source(["madeup.a"]) != before) == matters


def test_a_network_depends_on_more_of_ours_than_a_baseline() -> None:
    networks, baselines = (set(benchmark._reached([f"models.evaluation.{name}"])) for name in ("networks", "baselines"))
    assert {
        "models.networks.scale_aware",
        "models.training.training",
        "models.networks.normaliser",
        "models.data.dataset",
    } <= networks
    assert {"models.data.dataset", "scaleglove.resampling"} <= baselines
    assert not baselines & {"models.networks.scale_aware", "models.training.training", "models.evaluation.page"}
