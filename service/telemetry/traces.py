"""Start of OpenTelemetry tracing if the standard variables enable it; otherwise the SDK is not imported."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from scaleglove.installation import install_command, installed_origin

if TYPE_CHECKING:
    from service.telemetry.spans import Tracing

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_OTLP: Final = "otlp"


def traces_wanted(environment: Mapping[str, str]) -> bool:
    """Return whether the standard variables enable traces over OTLP, by an endpoint or by the exporter."""
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporters = [name.strip() for name in environment.get("OTEL_TRACES_EXPORTER", "").split(",") if name.strip()]
    if exporters:
        return _OTLP in exporters
    return any(environment.get(name) for name in _ENDPOINTS)


def open_tracing(environment: Mapping[str, str], version: str) -> Tracing | None:
    """Return the tracing; None if it is not enabled, or if the extra `otel` is missing, which is logged."""
    if not traces_wanted(environment):
        return None
    try:
        from service.telemetry.spans import Tracing  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        command = install_command(["otel"], installed_origin(), sys.executable)
        logging.getLogger(__name__).warning("OTEL_* variables enable tracing, which requires an extra: %s", command)
        return None
    return Tracing(version)
