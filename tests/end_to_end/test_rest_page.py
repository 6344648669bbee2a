"""What docs/reference/rest.md shows is true: its Python and its curl commands, run as they stand."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.end_to_end.conftest import Part

PAGE = (ROOT / "docs/reference/rest.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8000"


def test_python_and_curl_as_the_page_shows_them(
    start: Callable[..., Part], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    url = start("serve", "--port", "0").line().rpartition(" ")[2]
    monkeypatch.chdir(tmp_path)
    for script in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(script.replace(ADDRESS, url).replace("127.0.0.1:8000", url[7:]), "rest.md", "exec"), {})
    assert capsys.readouterr().out == "['ㄱ', 'ㄱ', 'ㄱ']\n(3, 24) float32\n"
    answers = [
        subprocess.run(shlex.split(command.replace(ADDRESS, url)), capture_output=True, check=True).stdout
        for command in re.findall(r"```sh\n(curl .*?)\n```", PAGE, re.DOTALL)
    ]
    whole, lines = json.loads(answers[0]), [json.loads(line) for line in answers[1].splitlines()]
    assert [len(prediction["top_k"]) for prediction in whole["predictions"]] == [2, 2, 2]
    assert lines[0] == {"model": whole["model"]}
    assert [line["label"] for line in lines[1:]] == ["ㄱ", "ㄱ", "ㄱ"]
    for name in re.findall(r"python -m\s+(benchmarks(?:\.\w+)+)", PAGE):
        assert (ROOT / name.replace(".", "/")).with_suffix(".py").exists()
