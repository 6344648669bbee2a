"""Build hook that compiles the kernel where there is a C compiler; without one, the install succeeds without it."""

from __future__ import annotations

import importlib.util
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class KernelBuildHook(BuildHookInterface):
    """Hook of wheels and editable installs: compiles the kernel in place, which ties the wheel to a platform."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        kernel = _load(Path(self.root) / "models" / "runtime" / "kernel" / "build.py")
        try:
            libraries = kernel.build()
        except kernel.BuildError as error:
            self.app.display_warning(f"without the kernel, ONNX Runtime runs the models: {error}")
            return
        build_data["artifacts"] += [library.relative_to(self.root).as_posix() for library in libraries]
        build_data["pure_python"] = False
        # Any Python 3: the libraries do not use its ABI.
        build_data["tag"] = "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")


def _load(path: Path) -> ModuleType:
    """Import a module by its file: its package is not installed yet."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
