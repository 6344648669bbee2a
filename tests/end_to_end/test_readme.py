"""What the README says is true: its curl command, run as it stands, its figures, its Python."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from models.evaluation.tables import TITLES
from models.runtime.artefact import Artefact
from tests.conftest import ROOT
from tests.end_to_end.conftest import Part

README = (ROOT / "README.md").read_text(encoding="utf-8")


IN_README = {
    "random": "a random fifth (near-copies of the training data; the figure the field reports)",
    "leave_one_style_out": "a way of holding each letter that training never saw",
    "cross_user": "another collection, so in effect another wearer",
    "self_calibration": "the same, after looking at unlabelled windows of the wearer",
    "few_shot_1_any_bend": "the same, after one example of each letter",
    "few_shot_5_any_bend": "the same, after five examples of each letter",
}


def test_curl_as_the_readme_shows_it(start: Callable[..., Part]) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    command = re.search(r"```sh\n(curl .*?)\n```", README, re.DOTALL)
    assert command is not None
    # The one thing that is not as it stands: another program may have taken port 8000.
    url = start("serve", "--port", "0").line().rpartition(" ")[2]
    arguments = shlex.split(command[1].replace("http://127.0.0.1:8000", url))
    answer = json.loads(subprocess.run(arguments, cwd=ROOT, capture_output=True, check=True).stdout)
    assert [prediction["label"] for prediction in answer["predictions"]] == ["ㄱ", "ㅏ"]
    for prediction in answer["predictions"]:
        assert prediction["state"] == "ok"
        assert len(prediction["top_k"]) == 2
        assert sum(prediction["scale_importance"].values()) == pytest.approx(1, abs=1e-5)


def test_python_as_the_readme_shows_it(service_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    script = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert script is not None
    exec(compile(script[1].replace("http://127.0.0.1:8000", service_url), "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "frames=50" in printed
    assert "\nok ㄱ" in printed


def test_accuracy_figures_are_those_of_the_shipped_artefacts_report(artefact_path: Path) -> None:
    contract = Artefact.load(artefact_path).contract
    benchmark = (ROOT / "docs/reports/benchmark.md").read_text(encoding="utf-8")
    header = next(line for line in benchmark.splitlines() if contract.name in line and line.startswith("|"))
    column = header.split(" | ").index(contract.name)
    for name, found in contract.report["accuracy_percent"].items():
        row = next(line for line in benchmark.splitlines() if line.startswith(f"| {TITLES[name]} |"))
        assert row.split(" | ")[column] == f"{found['mean']:.1f} ± {found['sd']:.1f}"
    for name, title in IN_README.items():
        figure = contract.report["accuracy_percent"][name]["mean"]
        assert f"| {title} | {figure:.1f} |" in README


def test_files_that_the_documents_name_are_there() -> None:
    for page in (ROOT / "README.md", ROOT / "ARCHITECTURE.md", *(ROOT / "docs").rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} names {target}"
        packages = "models|service|clients|firmware_bridge|scaleglove|benchmarks|tests|docs"
        for path in re.findall(rf"`((?:{packages})/[\w./]+)`", text):
            assert (ROOT / path).exists(), f"{page.name} names {path}"
