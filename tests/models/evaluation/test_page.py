from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from models.data.dataset import Recording
from models.evaluation.baselines import ExtraTrees, MajorityGuess, NearestNeighbour
from models.evaluation.benchmark import plan
from models.evaluation.job import measure
from models.evaluation.page import write_page
from models.evaluation.protocols import Draws
from models.evaluation.report import Report, make_report
from scaleglove.letters import LETTERS

PICTURES = ("confusion", "frames", "protocols", "reliability")


@pytest.fixture(scope="module")
def report(real: list[Recording]) -> Report:
    jobs = plan(
        [NearestNeighbour(labels=LETTERS), MajorityGuess(labels=LETTERS), ExtraTrees(trees=5, labels=LETTERS)],
        real,
        [0],
        Draws(support_sets=2, ranges=2),
    )
    return make_report([(job, measure(job, real)) for job in jobs], real, "scaleglove evaluate X", "abc", {"n": "1"})


@pytest.fixture(scope="module")
def written(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page and its pictures once, and return their folder."""
    folder = tmp_path_factory.mktemp("page")
    write_page(report, "NearestNeighbour", folder / "page.md")
    return folder


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}


def test_the_same_report_gives_the_same_bytes(report: Report, written: Path, tmp_path: Path) -> None:
    write_page(report, "NearestNeighbour", tmp_path / "page.md")
    once, again = files_in(written), files_in(tmp_path)
    assert once == again
    assert once.keys() == {"page.md", *(f"page/{name}.svg" for name in PICTURES)}
    assert max(map(len, once.values())) < 60_000


def test_the_page_holds_the_figures_and_points_at_its_pictures(report: Report, written: Path) -> None:
    text = (written / "page.md").read_text(encoding="utf-8")
    accuracy = text.split("## ")[1]
    rows = {line.split(" | ")[0].strip("| "): line for line in accuracy.splitlines() if line.startswith("| ")}
    figures = {name: family["protocols"]["cross_user"]["mean"] for name, family in report["families"].items()}
    assert rows["cross-user"] == "| cross-user | " + " | ".join(f"{m:.1f}" for m in figures.values()) + " |"
    assert "self-calibrated |" not in text  # nobody has one
    assert "In *10 a letter, one bend* up to 4 letters had fewer" in text
    assert "uncommitted" not in text
    found = report["families"]["NearestNeighbour"]["protocols"]["ranged"]
    low, high = found["interval"]
    row = next(line for line in text.split("### NearestNeighbour")[1].splitlines() if "cross-user, ranged" in line)
    assert f"| {found['mean']:.1f} | {low:.1f} to {high:.1f} |" in row
    assert row.endswith("| – | – | 16 of 2 |")  # a baseline rejects nothing; four letters, two bends, two people
    assert f"| {found['calibration_error']['mean']:.1f} | {found['calibration_error']['mean']:.1f} | – | – |" in row
    error = text.split("## Expected calibration error, %")[1]
    assert error.count("\n| cross-user, ranged |") == 2  # and of what is served
    guess = report["families"]["MajorityGuess"]["protocols"]["few_shot_1_any_bend"]["without_direction"]["mean"]
    assert f"\n| 1 a letter, any bend, no direction | – | {guess:.1f} | – |" in accuracy  # the others need yaw
    assert "Examples and windows are of the same session" in " ".join(text.split())
    lead = text.split("## Lead of NearestNeighbour")[1]
    assert "|  | MajorityGuess | ExtraTrees |" in lead
    by = figures["NearestNeighbour"] - figures["MajorityGuess"]
    assert f"| cross-user | {by:+.1f} (" in lead
    assert "ranged by 100 unlabelled shapes" in " ".join(text.split())
    for name in PICTURES:
        assert f"](page/{name}.svg)" in text
    by_letter = text.split("## Letter by letter")[1]
    assert all(f"\n| {letter} | " in by_letter for letter in LETTERS[:4])


def test_letters_in_a_picture_are_text(written: Path) -> None:
    picture = ElementTree.parse(written / "page" / "confusion.svg")
    texts = [node.text for node in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert [texts.count(letter) for letter in LETTERS] == [2] * len(LETTERS)


def test_a_dirty_tree_is_reported(report: Report, tmp_path: Path) -> None:
    write_page(report | {"revision": "abc-dirty"}, "MajorityGuess", tmp_path / "page.md")
    assert "The code had uncommitted changes" in (tmp_path / "page.md").read_text(encoding="utf-8")
