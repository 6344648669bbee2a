"""Every setting of the service: an environment variable `SCALEGLOVE_*`, a line in `.env`, an option of `serve`."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from scaleglove.errors import ScaleGloveError
from service.auth.origin import split_origins
from service.auth.tokens import EVERYBODY_WORD, Token, parse_tokens

ENV_PREFIX: Final = "SCALEGLOVE_"

_DAY_MS: Final = 86_400_000

_Duration = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def shipped_models() -> Path:
    """The folder of the artefacts that come with the package."""
    return Path(__file__).parents[1] / "models" / "artefacts"


class TokensError(ScaleGloveError):
    """The tokens cannot be used, or are missing where they are needed."""


class Settings(BaseSettings):
    # A .env file also holds what is meant for the bridge and for compose. An error never shows what was set.
    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_file=".env", extra="ignore", hide_input_in_errors=True)

    host: str = Field("127.0.0.1", min_length=1, description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="TCP port; 0 takes a free one and prints it")
    workers: int = Field(
        1, ge=0, le=256, description="processes that serve; 0 starts one for each processor this process may use"
    )
    models_dir: Path = Field(
        default_factory=shipped_models,
        description="folder of model artefacts (*.onnx); by default those that come with the package",
    )
    model: str = Field(
        "MSCSGRU_ScaleAware_Encoded", min_length=1, description="name of the model that answers by default"
    )
    accelerator: Literal["auto", "kernel", "onnx"] = Field(
        "auto",
        description="what computes the models: the compiled kernel, onnx (ONNX Runtime), or auto, the kernel where it "
        "is built and agrees with ONNX Runtime",
    )
    self_calibration: bool = Field(
        True,
        description="whether streams learn where a wearer's letters lie while she signs, without labels; a stream may "
        "ask for the other",
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
    idle_timeout_s: _Duration = Field(
        600.0, le=_DAY_MS / 1000, description="seconds without a frame after which a stream is closed"
    )
    ping_interval_s: _Duration = Field(
        20.0,
        le=_DAY_MS / 1000,
        description="seconds between pings; a client that does not answer one before the next is due is disconnected",
    )
    allowed_origins: str = Field(
        "",
        description="origins, separated by commas, whose web pages may open streams beside the page served here, such "
        "as https://gloves.example",
    )
    tokens: SecretStr = Field(
        SecretStr(""),
        description=f"who may come in, as a JSON list (docs/guide/access.md), or {EVERYBODY_WORD}: everybody may do "
        "everything; needed where others than this machine can reach the service",
    )
    tokens_file: Path | None = Field(None, description="a file that holds what SCALEGLOVE_TOKENS would")
    database_url: SecretStr = Field(
        SecretStr(""),
        description="where wearers are kept, as an SQLAlchemy URL (docs/guide/wearers.md); by default a file "
        "of SQLite in the user's state folder",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="what the log on stderr shows: debug, info, warning or error"
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="how the log is written: text, or json, an object a line"
    )

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, text: str) -> str:
        for origin in split_origins(text):
            parts = urlsplit(origin)
            if not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}":
                raise ValueError(f"{origin!r} is not an origin, such as https://gloves.example")
        return text

    @field_validator("tokens")
    @classmethod
    def _are_tokens(cls, tokens: SecretStr) -> SecretStr:
        parse_tokens(tokens.get_secret_value())
        return tokens


def read_tokens(settings: Settings) -> list[Token]:
    """The tokens that are set, from where they are set; none where everybody may come in.

    Raises:
        TokensError: they are set twice, or their file cannot be used.
    """
    if settings.tokens_file is None:
        return parse_tokens(settings.tokens.get_secret_value())
    if settings.tokens.get_secret_value():
        raise TokensError("tokens and tokens_file: set one of them, not both")
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


def refuse_exposure(settings: Settings, address: str) -> None:
    """Others than this machine get in with a token, or because somebody said so.

    Raises:
        TokensError: nothing is set, and `address`, which the service listens on, is not a loopback address.
    """
    silent = not settings.tokens.get_secret_value().strip() and settings.tokens_file is None
    if silent and not is_loopback(address):
        raise TokensError(
            f"others can reach {address}: set {ENV_PREFIX}TOKENS (docs/guide/access.md), or set it to {EVERYBODY_WORD} "
            "to let everybody do everything"
        )


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches an IP address."""
    ip = ip_address(address)
    return (getattr(ip, "ipv4_mapped", None) or ip).is_loopback
