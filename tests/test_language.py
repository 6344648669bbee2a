"""Rules of language (CONTRIBUTING.md) beyond ruff's pydocstyle rules: a verb first, and words to avoid."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.conftest import ROOT

PACKAGES: Final = ("scaleglove", "firmware_bridge", "models", "service", "benchmarks", "clients", "tests")

DOCUMENTS: Final = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/guide", "docs/reference", "docs/reports")
"""Documents that are checked as the packages are."""

SUFFIXES: Final = {".c", ".css", ".h", ".html", ".js", ".md", ".py", ".toml", ".yml"}
SKIPPED: Final = {"__pycache__", "build", "node_modules", "vendor"}

AVOIDED: Final = {
    r"anew": "again, from the start",
    r"of before": "previous",
    r"whoever|whomever": "name the caller, the user or the task",
    r"so many": "the number",
    r"in earnest": "in real use",
    r"(?:came|comes?) to grief": "failed",
    r"(?:is|are|was|were) told": "receives, is notified",
    r"of one's own|of its own accord": "own, by itself",
    r"she|her|hers|herself|he|him|his|himself": "they, their, the user",
    r"houses?|roads?|rooms?(?! for| on| in)": "project, data flow, package",
    r"(?<![`\"'])doors?(?![`\"'=])": "interface",  # quoted or with a value it is the old name of a metric's label
    r"holes?": "gap",
    r"finger-spelling": "fingerspelling",
    r"short way": "shorter arc",
    r"LastingStream|PlainStream": "GloveStream, SyncGloveStream",
    r"UnsentFrames|in_doubt|own_letters": "RetransmitBuffer, unconfirmed, device_predictions",
    r"GloveConversation|RunningStream": "GloveConnection, StreamSession",
    r"DirectWebSocket|FrameCutter": "FastWebSocketProtocol, FrameParser",
    r"Outbox|Inbox": "SendQueue, ReceiveQueue",
    r"WearersHand|HeldShapes|StreamRecord": "UserAdaptation, HoldTracker, StreamTelemetry",
    r"OwnDirectory|PrivateDoor": "LocalDirectory, PeerServer",
    r"whole_ms|letter_table": "timestamps, letter_templates",
    r"contenders?": "classifier",
}
"""Words as regular expressions, with what to write instead."""

FRAGMENT: Final = re.compile(
    r"a|an|the|what|where|whether|how|who|which|of|as|all|every|each|one|none|nothing|to|in|for|by|with|from|when|if|it"
    r"|its|this|these|that|those|they|there|no|not|both|at|on|whose|while|once|only|also|same|more|less|times?|text"
    r"|true|false|after|before|between|here|so|then|because|until|another|other|two|three",
    re.IGNORECASE,
)
"""First words of fragments; ruff's D401 knows forms of verbs alone."""

# The boundary stands once: most places of a text are none, and are passed at once.
_AVOIDED: Final = re.compile(rf"\b(?:{'|'.join(f'({words})' for words in AVOIDED)})\b", re.IGNORECASE)
_DEFINED: Final = re.compile(r"\bdef \w+")
"""Names of functions, whose words are checked too."""

_INFLECTED: Final = re.compile(r"(?!(?:Alias|Bias|Bring|Embed|Exceed|Feed|Focus|Need|Proceed|Seed)$).*(?:[^s]s|ed|ing)")


def files(*names: str) -> Iterator[Path]:
    """Yield the text files at or below these paths, without this one."""
    for name in names:
        for path in [ROOT / name] if (ROOT / name).is_file() else sorted((ROOT / name).rglob("*")):
            is_skipped = SKIPPED & set(path.parts) or path == Path(__file__).resolve()
            if path.suffix in SUFFIXES and not is_skipped:
                yield path


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions of a Python file whose docstring says what they do: no properties, no tests."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("test_"):
            names = {getattr(decorator, "attr", getattr(decorator, "id", "")) for decorator in node.decorator_list}
            if not names & {"property", "cached_property"}:
                yield node


def is_verb(word: str) -> bool:
    """Return whether a docstring's first word may be an imperative verb."""
    return word[:1].isupper() and not FRAGMENT.fullmatch(word) and not _INFLECTED.fullmatch(word)


def test_a_functions_docstring_begins_with_a_verb() -> None:
    faults = []
    for path in files(*PACKAGES):
        for function in functions(path) if path.suffix == ".py" else ():
            words = (ast.get_docstring(function) or "Nothing").split()
            if ast.get_docstring(function) and not is_verb(re.sub(r"\W", "", words[0])):
                faults.append(f"{path.relative_to(ROOT)}:{function.lineno}: {' '.join(words[:8])}")
    assert not faults, "\n".join(faults)


def test_words_to_avoid_are_not_used() -> None:
    faults = []
    for path in files(*PACKAGES, *DOCUMENTS):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            for match in _AVOIDED.finditer(_DEFINED.sub(lambda name: name[0].replace("_", " "), line)):
                instead = list(AVOIDED.values())[match.lastindex - 1]
                faults.append(f"{path.relative_to(ROOT)}:{number}: {match[0]!r}; write: {instead}")
    assert not faults, "\n".join(faults)


def test_the_rules_find_what_they_are_for() -> None:
    assert [word for word in ("Return", "Pass", "Embed", "Bring") if not is_verb(word)] == []
    assert [word for word in ("Returns", "The", "Served", "Nothing", "resample") if is_verb(word)] == []
    assert _AVOIDED.search("Her hand is told anew")[0] == "Her"
    assert (
        _AVOIDED.search("the other there, a theory, headroom, no room for it, indoors, broad, the label `door`") is None
    )
