"""Command `serve`."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import SecretStr, ValidationError

from scaleglove.validation_faults import describe_fault
from service.settings import ENV_PREFIX, Settings

app = typer.Typer(no_args_is_help=True)

_TYPER_TYPES: Final = (int, float, Path)
"""Types that typer parses itself; the text of others is passed to `Settings`."""

SECRETS: Final = tuple(name for name, field in Settings.model_fields.items() if field.annotation is SecretStr)
"""Settings that are not options: every user of a machine can see the arguments of its processes."""


def serve(**options: Any) -> None:
    """Serve the models over REST, WebSocket streams and the live page."""
    from service.process import prepare_process, usable_processors
    from service.telemetry.logs import log_to_stderr

    settings = read_settings(options)
    log_to_stderr(settings.log_level, settings.log_format)
    prepare_process()
    workers = settings.workers or usable_processors()
    if workers > 1:
        _serve_with_workers(settings, workers)
    else:
        _serve_alone(settings)


def _serve_alone(settings: Settings) -> None:
    from service.process import settle_process
    from service.server import Server

    server = Server(settings, _announce)
    settle_process()
    server.serve_until_stopped()


def _serve_with_workers(settings: Settings, workers: int) -> None:
    from service.workers.supervisor import Supervisor  # without the imports of a worker

    Supervisor(settings, workers, _announce).run()


def _announce(url: str) -> None:
    typer.echo(f"scaleglove service on {url}")


def read_settings(options: dict[str, Any]) -> Settings:
    """Make the settings from options; those that are None come from the environment, `.env` or the defaults.

    Raises:
        BadParameter: naming the first invalid setting.
    """
    try:
        return Settings(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        name = str(fault["loc"][0])
        variable = f"{ENV_PREFIX}{name.upper()}"
        hint = variable if name in SECRETS else f"{_flag(name)} ({variable})"
        raise typer.BadParameter(describe_fault(fault), param_hint=hint) from None
    except UnicodeDecodeError:
        raise typer.BadParameter(
            "the file is not UTF-8 text", param_hint=str(Settings.model_config["env_file"])
        ) from None


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _options() -> list[inspect.Parameter]:
    """Return an option for each setting except SECRETS, so that the two never differ."""
    parameters = []
    for name, field in Settings.model_fields.items():
        if name in SECRETS:
            continue
        kind = field.annotation if field.annotation in _TYPER_TYPES else str
        default = field.get_default(call_default_factory=False)
        shown = "" if default is None else f" [default: {default}]"
        option = typer.Option(_flag(name), help=f"{field.description}{shown}", show_default=False)
        annotation = Annotated[kind | None, option]  # type: ignore[valid-type]
        parameters.append(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation))
    return parameters


_signature = inspect.Signature(_options())
serve.__signature__ = _signature  # type: ignore[attr-defined]
serve.__annotations__ = {name: parameter.annotation for name, parameter in _signature.parameters.items()}
app.command()(serve)
