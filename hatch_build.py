"""Build hook that compiles C where there is a C compiler; without one, the install succeeds without it."""

from __future__ import annotations

import sys
import sysconfig
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class NativeBuildHook(BuildHookInterface):
    """Hook of wheels and editable installs: compiles all C in place, which ties the wheel to a platform."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        sys.path.insert(0, self.root)  # what is installed is not installed yet
        from scaleglove.native.__main__ import build_all  # noqa: PLC0415
        from scaleglove.native.compiler import BuildError  # noqa: PLC0415

        try:
            libraries = build_all()
        except BuildError as error:
            self.app.display_warning(f"without compiled code, Python and ONNX Runtime do all the work: {error}")
            return
        finally:
            sys.path.remove(self.root)
        build_data["artifacts"] += [library.relative_to(self.root).as_posix() for library in libraries]
        build_data["pure_python"] = False
        # Any Python 3: the libraries do not use its ABI.
        build_data["tag"] = "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")
