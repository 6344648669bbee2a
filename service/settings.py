"""Settings of the service: environment variables `SCALEGLOVE_*`, lines of `.env`, options of `serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from scaleglove.errors import ScaleGloveError
from service.auth.origin import split_origins
from service.auth.tokens import EVERYBODY_WORD, Token, parse_tokens
from service.auth.trusted_proxies import LOOPBACK, TrustedProxies
from service.path_prefix import parse_prefix

ENV_PREFIX: Final = "SCALEGLOVE_"

_DAY_MS: Final = 86_400_000

_Duration = Annotated[float, Field(gt=0, allow_inf_nan=False)]


USUAL_MODEL: Final = "MSCSGRU_ScaleAware_Encoded"
"""The package's best model."""


def shipped_models() -> Path:
    """Return the folder of the artefacts of the package."""
    return Path(__file__).parents[1] / "models" / "artefacts"


class TokensError(ScaleGloveError):
    """The tokens cannot be used, or are missing but required."""


class Settings(BaseSettings):
    # A .env file also has settings of the bridge and of compose. An error never shows a value.
    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_file=".env", extra="ignore", hide_input_in_errors=True)

    host: str = Field("127.0.0.1", min_length=1, description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="TCP port; 0 chooses a free one and prints it")
    workers: int = Field(
        1, ge=0, le=256, description="worker processes; 0 starts one for each processor available to this process"
    )
    worker_timeout_s: _Duration = Field(
        15.0,
        ge=2,
        le=_DAY_MS / 1000,
        description="seconds of silence after which one of several workers is replaced",
    )
    models_dir: Path = Field(
        default_factory=shipped_models,
        description="folder of model artefacts (*.onnx); by default those of the package",
    )
    model: str | None = Field(
        None,
        min_length=1,
        description=f"name of the default model; otherwise {USUAL_MODEL} where the folder has it, else the only one of "
        "the folder",
    )
    accelerator: Literal["auto", "kernel", "onnx", "cuda", "tensorrt"] = Field(
        "auto",
        description="what computes the models: kernel (the compiled C kernel), onnx (ONNX Runtime), cuda or tensorrt "
        "(an NVIDIA GPU, docs/reference/gpu.md), or auto (the kernel if it is compiled and agrees with ONNX Runtime)",
    )
    self_calibration: bool = Field(
        True,
        description="whether streams adapt to the wearer's hand without labels while they sign; a stream may choose "
        "otherwise",
    )
    max_windows: int = Field(1024, ge=1, description="most windows in one predict request")
    max_window_frames: int = Field(2000, ge=1, description="most frames in one window of a predict request")
    max_body_bytes: int = Field(8 * 1024 * 1024, ge=1024, description="most bytes in the body of a request")
    stale_after_ms: _Duration = Field(
        1000.0, le=_DAY_MS, description="milliseconds without a frame after which a stream is reported as stale"
    )
    outbox_messages: int = Field(
        64, ge=4, description="messages queued for a slow reader; beyond that the oldest predictions are dropped"
    )
    max_streams: int = Field(
        256, ge=1, description="most streams open at once; viewers are counted separately, with the same limit"
    )
    start_timeout_s: _Duration = Field(
        10.0, le=_DAY_MS / 1000, description="seconds within which a new stream must send its start message"
    )
    idle_timeout_s: _Duration = Field(
        600.0, le=_DAY_MS / 1000, description="seconds without a frame after which a stream is closed"
    )
    ping_interval_s: _Duration = Field(
        20.0,
        le=_DAY_MS / 1000,
        description="seconds between pings; a client that has not answered one when the next is due is disconnected",
    )
    allowed_origins: str = Field(
        "",
        description="origins, separated by commas, whose web pages may use the service in addition to its own page, "
        "for example https://gloves.example; where no token is required, also the names under which it may be opened",
    )
    root_path: str = Field(
        "",
        description="path below which a proxy shows the service, for example /gloves for https://lab.example/gloves",
    )
    trusted_proxies: str = Field(
        LOOPBACK,
        description="IP addresses and networks, separated by commas, of proxies in front of the service, whose "
        "X-Forwarded-Proto, -Host and -Prefix are believed (docs/guide/behind-a-proxy.md)",
    )
    tokens: SecretStr = Field(
        SecretStr(""),
        description=f"access tokens (docs/guide/access.md), as a JSON list, or the word {EVERYBODY_WORD}: anyone may "
        "do anything; required when other machines can reach the service",
    )
    tokens_file: Path | None = Field(None, description="a file with the content of SCALEGLOVE_TOKENS")
    database_url: SecretStr = Field(
        SecretStr(""),
        description="database of wearers (docs/guide/wearers.md), as an SQLAlchemy URL; by default an SQLite file in "
        "the user's state folder",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="lowest level of the log on stderr: debug, info, warning or error"
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="format of the log: text, or json (one object per line)"
    )

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, text: str) -> str:
        for origin in split_origins(text):
            parts = urlsplit(origin)
            if not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}":
                raise ValueError(f"{origin!r} is not an origin; give for example https://gloves.example")
        return text

    @field_validator("root_path")
    @classmethod
    def _is_prefix(cls, text: str) -> str:
        return parse_prefix(text)

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        TrustedProxies.parse(text)
        return text

    @field_validator("tokens")
    @classmethod
    def _are_tokens(cls, tokens: SecretStr) -> SecretStr:
        parse_tokens(tokens.get_secret_value())
        return tokens


def access_is_decided(settings: Settings) -> bool:
    """Return whether the settings say who has access, be it everybody."""
    return settings.tokens_file is not None or bool(settings.tokens.get_secret_value().strip())


def read_tokens(settings: Settings) -> list[Token]:
    """Read the tokens from the setting or from its file; an empty list requires no token.

    Raises:
        TokensError: both are set, or the file cannot be used.
    """
    if settings.tokens_file is None:
        return parse_tokens(settings.tokens.get_secret_value())
    if settings.tokens.get_secret_value():
        raise TokensError("tokens and tokens_file: set only one of them")
    try:
        text = settings.tokens_file.read_text(encoding="utf-8")
        if not text.strip():
            raise TokensError(f"tokens_file: {settings.tokens_file} is empty")
        return parse_tokens(text)
    except OSError as error:
        raise TokensError(f"tokens_file: cannot read {settings.tokens_file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise TokensError(f"tokens_file: {settings.tokens_file} is not UTF-8 text") from None
    except ValueError as error:
        raise TokensError(f"tokens_file: {settings.tokens_file}: {error}") from None
