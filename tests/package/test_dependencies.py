"""Each package imports only what the project's dependencies or its extras install."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from typing import Final

import pytest

from tests.conftest import ROOT

PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OWN: Final = {"scaleglove", "service", "models", "firmware_bridge", "benchmarks"}
MAY_IMPORT: Final = {
    "scaleglove": set(),
    "firmware_bridge": {"bridge", "typing", "osc", "lsl", "foxglove"},
    "service": {"serve", "otel"},
    "models/runtime": {"serve"},
    "models/adaptation": set(),
    "models/cli": {"serve", "train"},
    "models/data": {"train"},
    "models/networks": {"train"},
    "models/training": {"train", "serve"},
    "models/export": {"train", "serve"},
    "models/evaluation": {"train", "serve"},
}
"""Folders, and the extras whose distributions they may import beside the base dependencies."""
WITH_OTHERS: Final = {"starlette": "fastapi", "annotated_types": "pydantic", "pydantic_core": "pydantic"}
"""Modules that come with another distribution, which pins them to a compatible version."""


def normalised(requirement: str) -> str:
    """Return the name of the distribution that a requirement names."""
    return re.split(r"[^\w.-]", requirement)[0].lower().replace("_", "-")


def third_party(folder: str) -> set[str]:
    """Return the top-level modules of others that the Python files below a folder import."""
    names: set[str] = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                names.add(node.module.partition(".")[0])
    return names - OWN - set(sys.stdlib_module_names)


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_package_imports_what_its_extras_install(folder: str) -> None:
    requirements = [*PROJECT["dependencies"]]
    for extra in MAY_IMPORT[folder]:
        requirements += PROJECT["optional-dependencies"][extra]
    declared = {normalised(requirement) for requirement in requirements}
    distributions = packages_distributions()
    missing = {
        module
        for module in third_party(folder)
        if WITH_OTHERS.get(module) not in declared
        and not declared & {normalised(name) for name in distributions.get(module, ())}
    }
    assert not missing, f"{folder} imports {sorted(missing)}, which none of its extras installs"
