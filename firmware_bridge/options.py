"""Options that several commands share: the service, its token, and the choice of a glove."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

DEFAULT_URL: Final = "http://127.0.0.1:8000"

Url = Annotated[str, typer.Option(help="Address of the service.")]

TokenFile = Annotated[
    Path | None,
    typer.Option(help="File with the service's token; by default the environment variable SCALEGLOVE_TOKEN."),
]

StreamName = Annotated[str | None, typer.Option(help="Stream or name of the glove; not needed if it is the only one.")]

GlovePort = Annotated[
    str | None, typer.Option(help="Port of the glove, as for bridge, if no bridge is running; or auto.")
]


def read_token(file: Path | None) -> str | None:
    """Return the token in a file, None without one."""
    return None if file is None else file.read_text(encoding="utf-8", errors="replace")
