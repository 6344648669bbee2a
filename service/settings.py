"""Every setting of the service: an environment variable `SCALEGLOVE_*`, a line in `.env`, an option of `serve`."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ENV_PREFIX: Final = "SCALEGLOVE_"

_DAY_MS: Final = 86_400_000

_Duration = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def shipped_models() -> Path:
    """The folder of the artefacts that come with the package."""
    return Path(str(files("models"))) / "artefacts"


class Settings(BaseSettings):
    # A .env file also holds what is meant for the bridge and for compose.
    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_file=".env", extra="ignore")

    host: str = Field("127.0.0.1", min_length=1, description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="TCP port; 0 takes a free one and prints it")
    models_dir: Path = Field(
        default_factory=shipped_models,
        description="folder of model artefacts (*.onnx); by default those that come with the package",
    )
    model: str = Field(
        "MSCSGRU_ScaleAware_Encoded", min_length=1, description="name of the model that answers by default"
    )
    max_windows: int = Field(1024, ge=1, description="windows in one predict request")
    max_window_frames: int = Field(2000, ge=1, description="frames in one window of a predict request")
    max_body_bytes: int = Field(8 * 1024 * 1024, ge=1024, description="bytes in the body of a request")
    stale_after_ms: _Duration = Field(
        1000.0, le=_DAY_MS, description="milliseconds without a frame after which a stream is called stale"
    )
    outbox_messages: int = Field(
        64, ge=4, description="messages kept for a slow reader; beyond it the oldest predictions are dropped"
    )
    max_streams: int = Field(256, ge=1, description="streams open at once; viewers are counted apart, with this limit")
    start_timeout_s: _Duration = Field(
        10.0, le=_DAY_MS / 1000, description="seconds a new stream may wait before its start message"
    )
    allowed_origins: str = Field(
        "",
        description="origins, separated by commas, whose web pages may open streams beside the page served here, such "
        "as https://gloves.example",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="what the log on stderr shows: debug, info, warning or error"
    )

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, text: str) -> str:
        for origin in split_origins(text):
            parts = urlsplit(origin)
            if not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}":
                raise ValueError(f"{origin!r} is not an origin, such as https://gloves.example")
        return text


def split_origins(text: str) -> frozenset[str]:
    """The origins in a setting, in lower case as browsers send them."""
    return frozenset(origin.strip().lower() for origin in text.split(",") if origin.strip())
