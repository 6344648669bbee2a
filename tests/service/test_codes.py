"""docs/reference/codes.md lists exactly the codes that programs may receive."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, get_args, get_type_hints

import pytest

from firmware_bridge.codec.events import NoticeCode
from firmware_bridge.link.errors import LinkCode
from firmware_bridge.outlets.outlet import OutletCode
from models.adaptation.example_selection import QualityCode
from models.adaptation.glove_check import STEPS, FingerCode
from models.data.survey import NoticeCode as SurveyCode
from models.evaluation.shortfalls import ShortfallCode
from models.runtime.gpu import GpuCode
from scaleglove.protocol import CommandRefusal, Gap, SensorFaultKind
from scaleglove.recordings import RecordingError
from scaleglove.recordings.repairs import TEXTS
from service.http.problem_handlers import _HTTP_CODES
from service.streams.fit_watch import CODE as NOTHING_FITS
from service.streams.ranging import WORDS

ROOT: Final = Path(__file__).parents[2]
(PAGE,) = (ROOT / "docs").rglob("codes.md")

PLACE: Final = {"ProblemError": 1, "WireError": 0, "StreamError": 0}
"""Index of the code among the arguments."""

PASSED_ON: Final = {"code", "code or 'link_lost'"}
"""Codes of tables: of the HTTP framework's errors, and of a client's."""

FOLDERS: Final = ("service", "firmware_bridge", "scaleglove")


def calls() -> Iterator[tuple[Path, ast.Call]]:
    """Yield every call in the sources, with its file."""
    for path in (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield path, node


def raised(*kinds: str) -> set[str]:
    """Return every code that the sources give to errors of these kinds."""
    found = set()
    for path, node in calls():
        if isinstance(node.func, ast.Name) and node.func.id in kinds:
            first = node.args[0]
            code = first if isinstance(first, ast.Starred) else node.args[PLACE[node.func.id]]
            if isinstance(code, ast.Constant):
                found.add(code.value)
            else:
                is_another_errors = isinstance(code, ast.Attribute) and code.attr == "code"
                known = isinstance(code, ast.Starred) or is_another_errors or ast.unparse(code) in PASSED_ON
                assert known, f"{path}:{node.lineno}: which code is {ast.unparse(code)}?"
    return found


def documented(heading: str) -> set[str]:
    """Return the codes in the first column of the table under a heading."""
    section = PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    codes = re.findall(r"^\| `(\w+)` \|.*\w.*\|$", section, re.MULTILINE)
    assert codes == sorted(codes)
    return set(codes)


def refused_recordings() -> set[str]:
    """Return every code that the sources give to recordings that they refuse."""
    found = set()
    for _, node in calls():
        if ast.unparse(node.func) in {"RecordingError", "_refused"}:
            codes = [one.value for one in node.keywords if one.arg == "code"]
            found |= {code.value for code in codes if isinstance(code, ast.Constant)}
    return found | {RecordingError("").code}


FRAMEWORKS: Final = {*_HTTP_CODES.values(), "http_error"}
COMMANDS: Final = set(get_args(CommandRefusal))
OF_COMMANDS: Final = {LinkCode.LINK_LOST, LinkCode.NOT_READING, LinkCode.INVALID_COMMAND}
OF_THE_SERVICE: Final = {"does_not_move", "level", "missing_sensors", NOTHING_FITS, *WORDS}
GAPS: Final = set(get_args(get_type_hints(Gap)["reason"]))


@pytest.mark.parametrize(
    ("heading", "codes"),
    [
        ("Refused commands", COMMANDS),
        ("The link to the glove", {code.value for code in set(LinkCode) - OF_COMMANDS}),
        ("Findings of a glove's check", set(get_args(FingerCode))),
        ("Steps of a glove's check", set(STEPS)),
        ("Examples of a wearer", set(get_args(QualityCode))),
        ("Repairs of recordings", set(TEXTS)),
        ("Unusual recordings", set(get_args(SurveyCode))),
        ("Shortfalls of an evaluation", set(get_args(ShortfallCode))),
        ("What is odd about a glove", {code.value for code in NoticeCode} | OF_THE_SERVICE),
        ("Outlets", {code.value for code in OutletCode}),
        ("GPUs", {code.value for code in GpuCode}),
        ("In the stream", GAPS | set(get_args(SensorFaultKind))),
    ],
)
def test_every_code_is_documented_and_no_other(heading: str, codes: set[str]) -> None:
    assert documented(heading) == codes


@pytest.mark.parametrize(
    ("heading", "find"),
    [
        ("Errors of the service", lambda: raised("ProblemError", "WireError") | FRAMEWORKS | COMMANDS),
        ("Errors of the Python client", lambda: raised("StreamError")),
        ("Recordings that are refused", refused_recordings),
    ],
)
def test_every_code_that_the_sources_give_is_documented_and_no_other(
    heading: str, find: Callable[[], set[str]]
) -> None:
    assert documented(heading) == find()


def test_the_service_knows_every_code_with_which_the_bridge_refuses_a_command() -> None:
    assert {code.value for code in OF_COMMANDS} <= COMMANDS


def test_a_code_is_one_word_that_the_wire_accepts() -> None:
    for code in {*raised(*PLACE), *LinkCode, *FRAMEWORKS, *COMMANDS}:
        assert re.fullmatch(r"[a-z0-9_]{1,64}", code)
