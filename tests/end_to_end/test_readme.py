"""What the README says is true: its curl command, run as it stands, and its Python."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable

import pytest

from tests.conftest import ROOT
from tests.end_to_end.conftest import Part

README = (ROOT / "README.md").read_text(encoding="utf-8")


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


def test_files_that_the_documents_name_are_there() -> None:
    for page in (ROOT / "README.md", ROOT / "ARCHITECTURE.md", *(ROOT / "docs").rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} names {target}"
        packages = "models|service|clients|firmware_bridge|scaleglove|benchmarks|tests|docs"
        for path in re.findall(rf"`((?:{packages})/[\w./]+)`", text):
            assert (ROOT / path).exists(), f"{page.name} names {path}"
