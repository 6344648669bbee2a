"""The code that a result depends on, as a digest: of the modules that had a part in it and of no others."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path

_PACKAGES = frozenset({"models", "scaleglove"})


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
