"""The `scaleglove` command: a table of the packages' commands, and one way of reporting errors.

Exit status: 0 done, 1 failed, 2 bad usage. An error is one line on stderr, without a traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Final, NoReturn

import typer

from scaleglove.errors import ScaleGloveError


@dataclass(frozen=True, slots=True)
class _Command:
    """One entry of the table. The module is imported only when its command runs, so that starting `scaleglove bridge`
    does not load the service, and an install without an extra still lists what the extra would bring."""

    module: str
    """Module whose `app`, a typer.Typer, brings the command."""
    help: str
    panel: str


_SERVICE: Final = "Service"
_GLOVE: Final = "Glove"
_MODELS: Final = "Models"

COMMANDS: Final[dict[str, _Command]] = {
    "demo": _Command("scaleglove.demo", "Run the service, an emulated glove and a bridge; stop with Ctrl-C.", _SERVICE),
    "serve": _Command("service.cli", "Serve the models over REST, WebSocket streams and the live page.", _SERVICE),
    "bridge": _Command("firmware_bridge.cli", "Read a glove and stream it to the service.", _GLOVE),
    "command": _Command("firmware_bridge.cli", "Send a command to a glove.", _GLOVE),
    "emulate": _Command("firmware_bridge.emulator.cli", "Emulate a glove on a pseudo-terminal.", _GLOVE),
    "record": _Command("firmware_bridge.recorder.cli", "Record labelled episodes from a live glove.", _GLOVE),
    "recover": _Command("firmware_bridge.recorder.cli", "Recover a recording that was cut off.", _GLOVE),
    "calibrate": _Command("firmware_bridge.calibration_wizard.cli", "Calibrate the service for a wearer.", _GLOVE),
    "predict": _Command("models.cli", "Predict the letters of recorded episodes.", _MODELS),
    "data": _Command("models.cli", "Fetch and check recordings.", _MODELS),
    "train": _Command("models.cli", "Train a network.", _MODELS),
    "evaluate": _Command("benchmarks.evaluate", "Evaluate networks and baselines on left-out data.", _MODELS),
    "export": _Command("models.cli", "Export a checkpoint or an artefact.", _MODELS),
    "quantize": _Command("models.cli", "Quantise an artefact to INT8 weights.", _MODELS),
    "prototypes": _Command("models.cli", "Add prototypes of the letters to an artefact.", _MODELS),
    "card": _Command("models.cli", "Write the card of an artefact.", _MODELS),
    "plot": _Command("models.cli", "Plot the scale importance of a checkpoint's weights.", _MODELS),
    "bench": _Command("benchmarks.cli", "Measure speed beside plain ways of doing the same.", _MODELS),
}

EXTRAS: Final[dict[str, frozenset[str]]] = {
    "bridge": frozenset({"serial", "mcap"}),
    "serve": frozenset(
        {
            "fastapi",
            "httptools",
            "onnxruntime",
            "prometheus_client",
            "pydantic_settings",
            "pythonjsonlogger",
            "sqlalchemy",
            "starlette",
            "threadpoolctl",
            "uvicorn",
            "uvloop",
        }
    ),
    "train": frozenset({"torch", "lightning", "onnx", "sklearn", "scipy", "matplotlib"}),
    "otel": frozenset({"opentelemetry"}),
}
"""Top-level modules that each extra of the package installs."""


def main() -> NoReturn:
    """Run the command line and exit with its status."""
    arguments = sys.argv[1:]
    try:
        status = build_app(arguments)(args=arguments, prog_name="scaleglove", standalone_mode=False)
    except typer.TyperException as error:
        _fail(error.format_message(), error.exit_code)
    except ScaleGloveError as error:
        _fail(str(error), 1)
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), 1)
    except ModuleNotFoundError as error:
        if (extra := _extra_of(error)) is None:
            raise
        _fail(f"this command needs the extra {extra}: pip install 'scaleglove[{extra}]'", 1)
    except typer.Abort:
        _fail("stopped", 1)
    sys.exit(status if isinstance(status, int) else 0)


def build_app(arguments: Sequence[str]) -> typer.Typer:
    """Return the command line for these arguments: the command they name is imported, of the others only the help."""
    app = typer.Typer(name="scaleglove", no_args_is_help=True, pretty_exceptions_enable=False)
    app.callback()(_options)
    chosen = next((argument for argument in arguments if not argument.startswith("-")), None)
    module = COMMANDS[chosen].module if chosen in COMMANDS else None
    if module is not None:
        app.add_typer(import_module(module).app)
        return app
    for name, command in COMMANDS.items():
        app.command(name, help=command.help, rich_help_panel=command.panel)(_listed)
    return app


def _listed() -> None:
    """Stand in for a command in the list of commands."""


def _print_version(requested: bool) -> None:
    if requested:
        print(version("scaleglove"))
        raise typer.Exit


def _options(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Recognise fingerspelled letters from a sensor glove, with the time scale that decided each letter."""


def _extra_of(error: ModuleNotFoundError) -> str | None:
    """Return the extra that installs the missing module, or None."""
    top_level = (error.name or "").partition(".")[0]
    return next((extra for extra, modules in EXTRAS.items() if top_level in modules), None)


def _fail(message: str, status: int) -> NoReturn:
    if message:  # empty after help, which says enough
        print(f"scaleglove: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(status)
