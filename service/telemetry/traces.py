"""OpenTelemetry traces where the standard variables ask for them; where they do not, the SDK is not even imported."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from service.telemetry.spans import Tracing

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_OTLP: Final = "otlp"


def traces_wanted(environment: Mapping[str, str]) -> bool:
    """Whether the standard variables ask for traces over OTLP: an endpoint is named, or the exporter."""
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporters = [name.strip() for name in environment.get("OTEL_TRACES_EXPORTER", "").split(",") if name.strip()]
    if exporters:
        return _OTLP in exporters
    return any(environment.get(name) for name in _ENDPOINTS)


def open_tracing(environment: Mapping[str, str], version: str) -> Tracing | None:
    """What makes traces; None where none are asked for, or the extra `otel` is missing, which the log says."""
    if not traces_wanted(environment):
        return None
    try:
        from service.telemetry.spans import Tracing  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        logging.getLogger(__name__).warning(
            "OTEL_* variables ask for traces, which need an extra: pip install 'scaleglove[otel]'"
        )
        return None
    return Tracing(version)
