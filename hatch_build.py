"""Compiles the kernel where there is a C compiler; where there is none, the install succeeds without it."""

from __future__ import annotations

import importlib.util
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class KernelBuildHook(BuildHookInterface):
    """For wheels and editable installs: compiled in place, taken along, and the wheel is then of this platform."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        kernel = _load(Path(self.root) / "models" / "runtime" / "kernel" / "build.py")
        try:
            libraries = kernel.build()
        except kernel.BuildError as error:
            self.app.display_warning(f"without the kernel, ONNX Runtime answers alone: {error}")
            return
        build_data["artifacts"] += [library.relative_to(self.root).as_posix() for library in libraries]
        build_data["pure_python"] = False
        # Of any Python 3: the libraries know nothing of it.
        build_data["tag"] = "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")


def _load(path: Path) -> ModuleType:
    """A module by its file: the package it is in is what is about to be installed."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
