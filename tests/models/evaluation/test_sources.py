from __future__ import annotations

import sys
from pathlib import Path

import pytest

from models.evaluation import sources
from models.evaluation.sources import digest_of_source


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of our own in which `a` imports `b`, which imports `c` inside a function; nobody imports `d`."""
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
    monkeypatch.setattr(sources, "_PACKAGES", frozenset({"madeup"}))
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
    networks, baselines = (set(sources._reached([f"models.evaluation.{name}"])) for name in ("networks", "baselines"))
    assert {
        "models.networks.network",
        "models.training.training",
        "models.networks.normaliser",
        "models.data.dataset",
    } <= networks
    assert {"models.data.dataset", "scaleglove.resampling"} <= baselines
    assert not baselines & {"models.networks.network", "models.training.training", "models.evaluation.page"}
