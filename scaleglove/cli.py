"""The `scaleglove` command: every room's commands under one name, and one way of saying that something went wrong.

Exit status: 0 done, 1 failed, 2 bad usage. An error is one line on stderr, without a traceback.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer

import firmware_bridge.calibrating.cli
import firmware_bridge.cli
import firmware_bridge.emulated.cli
import firmware_bridge.recording.cli
import models.commands
import service.cli
from models.contract import ScaleGloveError
from scaleglove.bench.command import bench_serve
from scaleglove.bench.link.command import bench_link
from scaleglove.evaluate import evaluate

# The packages of the `train` extra by the name they are imported under.
_TRAINING_MODULES = {"torch", "lightning", "onnx", "sklearn", "scipy", "matplotlib"}

app = typer.Typer(
    name="scaleglove",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for room in (
    service.cli,
    firmware_bridge.cli,
    firmware_bridge.emulated.cli,
    firmware_bridge.recording.cli,
    firmware_bridge.calibrating.cli,
    models.commands,
):
    app.add_typer(room.app)
app.command()(evaluate)
models.commands.bench.app.command("serve")(bench_serve)
models.commands.bench.app.command("link")(bench_link)


def _print_version(asked: bool) -> None:
    if asked:
        print(version("scaleglove"))
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", help="print the version and stop", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Glove bytes in, Korean letters out, with the time scale that decided each letter."""


@app.command()
def demo(
    host: Annotated[str, typer.Option(help="address the service listens on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="port it listens on; 0 picks a free one")] = 8000,
    text: Annotated[str, typer.Option(help="what the emulated glove spells, over and over")] = "안녕하세요",
) -> None:
    """The service, an emulated glove on a pseudo-terminal and a bridge that reads it; Ctrl-C stops all three."""
    from scaleglove.demo import run

    run(host, port, text)


def main() -> NoReturn:
    """Run the command line and leave with its exit status."""
    try:
        status = app(standalone_mode=False)
    except typer.TyperException as error:
        _fail(error.format_message(), error.exit_code)
    except ScaleGloveError as error:
        _fail(str(error), 1)
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), 1)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in _TRAINING_MODULES:
            raise
        _fail(f"this command needs {error.name}, which comes with training: pip install 'scaleglove[train]'", 1)
    except typer.Abort:
        _fail("stopped", 1)
    sys.exit(status if isinstance(status, int) else 0)


def _fail(message: str, status: int) -> NoReturn:
    if message:  # none after help, which says enough
        print(f"scaleglove: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(status)
