"""The `scaleglove` command: a table of the packages' commands, and one way of reporting errors.

Exit status: 0 done, 1 failed, 2 bad usage. An error is one line on stderr, without a traceback.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Final, NoReturn

import typer

from scaleglove.errors import ScaleGloveError
from scaleglove.installation import install_command, installed_origin
from scaleglove.standard_streams import OUTPUT, StandardOutput


@dataclass(frozen=True, slots=True)
class Command:
    """One entry of the table. Its module is imported only when the command runs, so that starting `scaleglove bridge`
    does not load the service, and an install without an extra still lists what the extra would bring."""

    module: str
    """Module whose `app`, a typer.Typer, brings the command."""
    help: str
    """First paragraph of the command's own help."""
    panel: str
    extras: tuple[str, ...] = ()
    """Extras that the command never runs without."""


_SERVICE: Final = "Service"
_GLOVE: Final = "Glove"
_MODELS: Final = "Models"

COMMANDS: Final[dict[str, Command]] = {
    "demo": Command(
        "scaleglove.demo",
        "Run the service, an emulated glove and a bridge; stop with Ctrl-C.",
        _SERVICE,
        ("bridge", "serve"),
    ),
    "serve": Command(
        "service.cli", "Serve the models over REST, WebSocket streams and the live page.", _SERVICE, ("serve",)
    ),
    "bridge": Command("firmware_bridge.cli", "Read a glove and stream it to the service.", _GLOVE, ("bridge",)),
    "command": Command("firmware_bridge.cli", "Send a command to a glove.", _GLOVE, ("bridge",)),
    "emulate": Command("firmware_bridge.emulator.cli", "Emulate a glove on a pseudo-terminal.", _GLOVE),
    "record": Command(
        "firmware_bridge.recorder.cli", "Record labelled episodes from a live glove.", _GLOVE, ("bridge",)
    ),
    "recover": Command(
        "firmware_bridge.recorder.cli", "Recover a recording that was cut off or damaged.", _GLOVE, ("bridge",)
    ),
    "calibrate": Command("firmware_bridge.calibration_wizard.cli", "Calibrate the service for a wearer.", _GLOVE),
    "teach": Command("firmware_bridge.calibration_wizard.cli", "Teach the service a sign of your own.", _GLOVE),
    "glove": Command(
        "firmware_bridge.glove_wizard.cli", "Check a glove's wiring and make its profile.", _GLOVE, ("bridge",)
    ),
    "measure-letters": Command(
        "firmware_bridge.emulator.cli", "Measure from recordings how each sign reads on the glove.", _GLOVE
    ),
    "predict": Command("models.cli", "Predict the letters of recorded episodes.", _MODELS, ("serve",)),
    "data": Command("models.cli", "Fetch and check recordings.", _MODELS),
    "train": Command("models.cli", "Train a network.", _MODELS, ("train",)),
    "evaluate": Command(
        "benchmarks.evaluate", "Evaluate networks and baselines on left-out data.", _MODELS, ("train",)
    ),
    "export": Command("models.cli", "Export a checkpoint or an artefact.", _MODELS, ("train",)),
    "quantize": Command("models.cli", "Quantise an artefact to INT8 weights.", _MODELS, ("train",)),
    "prototypes": Command("models.cli", "Measure the prototypes of an artefact again.", _MODELS, ("train",)),
    "card": Command("models.cli", "Write the card of an artefact.", _MODELS, ("train",)),
    "plot": Command("models.cli", "Plot the scale importance of a checkpoint's weights.", _MODELS, ("train",)),
    "bench": Command("benchmarks.cli", "Measure speed beside a plain implementation of the same task.", _MODELS),
}

_SERVE: Final = frozenset(
    {
        "fastapi",
        "httptools",
        "msgspec",
        "onnxruntime",
        "prometheus_client",
        "pydantic_settings",
        "pythonjsonlogger",
        "sqlalchemy",
        "starlette",
        "threadpoolctl",
        "uvicorn",
    }
    | ({"uvloop"} if sys.platform != "win32" else set())  # as in pyproject.toml
)

EXTRAS: Final[dict[str, frozenset[str]]] = {
    "bridge": frozenset({"lz4", "mcap", "serial", "zstandard"}),
    "serve": _SERVE,
    "train": _SERVE | {"torch", "lightning", "onnx", "sklearn", "scipy", "matplotlib"},
    "gpu": frozenset({"onnxruntime"}),
    "otel": frozenset({"opentelemetry"}),
    "typing": frozenset({"Xlib"}),
    "osc": frozenset({"pythonosc"}),
    "lsl": frozenset({"pylsl"}),
    "foxglove": frozenset({"foxglove"}),
    "bench": frozenset({"granian", "picows"}),
}
"""Top-level modules that each extra installs. Where two install the same one, the smaller extra is first."""


def main() -> NoReturn:
    """Run the command line and exit with its status. A command whose output could not be written has failed."""
    output = StandardOutput()
    output.install()
    try:
        status = _run(sys.argv[1:])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    failure = output.finish(failed=status != 0)
    if failure is not None and status in {0, 1}:
        _say(f"{failure.filename}: {failure.strerror}")
        status = 1
    sys.exit(status)


def _run(arguments: Sequence[str]) -> int:
    name = _command_name(arguments)
    try:
        if name is not None and name not in COMMANDS:
            _fail(_unknown(name), 2)
        if name is not None and "--help" not in arguments:
            _require(name, [extra for extra in COMMANDS[name].extras if not _is_installed(extra)])
        status = build_app(name)(args=arguments, prog_name="scaleglove", standalone_mode=False)
    except typer.TyperException as error:
        _fail(error.format_message(), error.exit_code)
    except ScaleGloveError as error:
        _fail(str(error), 1)
    except OSError as error:
        if error.filename == OUTPUT:  # said by `main`
            return 1
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), 1)
    except ModuleNotFoundError as error:
        if (extra := extra_of(error)) is None:
            raise
        _require(name or "this", [extra])
    except typer.Abort:
        _fail("stopped", 1)
    return status if isinstance(status, int) else 0


def build_app(name: str | None) -> typer.Typer:
    """Return the command line with the command `name`, importing its module; None: only the help of all commands."""
    app = typer.Typer(name="scaleglove", no_args_is_help=True, pretty_exceptions_enable=False)
    app.callback()(_options)
    if name is not None:
        app.add_typer(import_module(COMMANDS[name].module).app)
        return app
    for listed, command in COMMANDS.items():
        app.command(listed, help=command.help, rich_help_panel=command.panel)(_listed)
    return app


def extra_of(error: ModuleNotFoundError) -> str | None:
    """Return the extra that installs the missing module, or None."""
    top_level = (error.name or "").partition(".")[0]
    return next((extra for extra, modules in EXTRAS.items() if top_level in modules), None)


def _command_name(arguments: Sequence[str]) -> str | None:
    """Return the command that the arguments name, or the one that a shell is completing the options of."""
    if not arguments:
        words = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS") or ""
        return next((word for word in words.split()[1:] if word in COMMANDS), None)
    return next((argument for argument in arguments if not argument.startswith("-")), None)


def _unknown(name: str) -> str:
    similar = get_close_matches(name, COMMANDS, n=1)
    hint = f" (did you mean {similar[0]!r}?)" if similar else ""
    return f"there is no command {name!r}{hint}; the commands are {', '.join(COMMANDS)}"


def _is_installed(extra: str) -> bool:
    return all(find_spec(module) is not None for module in EXTRAS[extra])


def _require(name: str, missing: Sequence[str]) -> None:
    """Fail, naming the extras to install, unless none is missing."""
    if missing:
        extras = " and ".join(missing)
        noun = "extra" if len(missing) == 1 else "extras"
        command = install_command(missing, installed_origin(), sys.executable)
        _fail(f"{name} needs the {noun} {extras}: {command}", 1)


def _listed() -> None:
    """Stand in for a command in the list of commands."""


def _print_version(requested: bool) -> None:
    if requested:
        from importlib.metadata import version  # 25 ms that no command needs

        print(version("scaleglove"))
        raise typer.Exit


def _options(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Recognise fingerspelled letters from a sensor glove, with the time scale that decided each letter."""


def _fail(message: str, status: int) -> NoReturn:
    if message:  # empty after help
        _say(message)
    sys.exit(status)


def _say(message: str) -> None:
    with contextlib.suppress(OSError):  # standard error may be full too: the status is left to say it
        print(f"scaleglove: {' '.join(message.split())}", file=sys.stderr)
