"""The figures of the README are those of the shipped artefact's report."""

from __future__ import annotations

from pathlib import Path

from models.evaluation.tables import TITLES
from models.runtime.artefact import Artefact
from tests.conftest import ROOT

IN_README = {
    "random": "a random fifth (near-copies of the training data; the figure the field reports)",
    "leave_one_style_out": "a way of holding each letter that training never saw",
    "cross_user": "another collection, so in effect another wearer",
    "self_calibration": "the same, after looking at unlabelled windows of the wearer",
    "few_shot_1_any_bend": "the same, after one example of each letter",
    "few_shot_5_any_bend": "the same, after five examples of each letter",
}


def test_accuracy_figures_are_those_of_the_shipped_artefacts_report(artefact_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    contract = Artefact.load(artefact_path).contract
    benchmark = (ROOT / "docs/reports/benchmark.md").read_text(encoding="utf-8")
    header = next(line for line in benchmark.splitlines() if contract.name in line and line.startswith("|"))
    column = header.split(" | ").index(contract.name)
    for name, found in contract.report["accuracy_percent"].items():
        row = next(line for line in benchmark.splitlines() if line.startswith(f"| {TITLES[name]} |"))
        assert row.split(" | ")[column] == f"{found['mean']:.1f} ± {found['sd']:.1f}"
    for name, title in IN_README.items():
        figure = contract.report["accuracy_percent"][name]["mean"]
        assert f"| {title} | {figure:.1f} |" in readme
