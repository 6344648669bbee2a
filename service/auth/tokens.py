"""What `SCALEGLOVE_TOKENS` says: who may come in, and how much each may ask for. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError

EVERYBODY_WORD: Final = "none"
"""What the setting says where nobody needs a token."""

MIN_TOKEN_CHARACTERS: Final = 16
_MAX_TOKEN_CHARACTERS: Final = 256
_SPELLING: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=")
"""What fits into an Authorization header (RFC 6750)."""


class Role(StrEnum):
    """What a token is for; each role may do all that those before it may."""

    VIEWER = "viewer"
    SENDER = "sender"
    ADMIN = "admin"

    def covers(self, needed: Role) -> bool:
        """Whether this role may do what `needed` may."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


def _spelled(token: SecretStr) -> SecretStr:
    text = token.get_secret_value()
    if not MIN_TOKEN_CHARACTERS <= len(text) <= _MAX_TOKEN_CHARACTERS:
        raise ValueError(f"a token has {MIN_TOKEN_CHARACTERS} to {_MAX_TOKEN_CHARACTERS} characters")
    if not _SPELLING.issuperset(text):
        raise ValueError("a token is made of letters a-z and A-Z, digits and - . _ ~ + / =")
    return token


class Token(BaseModel):
    """One token. `streams` open at once and `rate`, in windows answered a second, have no limit where left out."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field(min_length=1, max_length=64)
    token: Annotated[SecretStr, AfterValidator(_spelled)]
    role: Role
    streams: int | None = Field(None, ge=1)
    rate: float | None = Field(None, gt=0, allow_inf_nan=False)


_TOKENS: Final = TypeAdapter(list[Token])
_EXAMPLE: Final = '[{"name": "lab", "token": "...", "role": "sender", "streams": 4, "rate": 200}]'


def parse_tokens(text: str) -> list[Token]:
    """The tokens in a setting's text; an empty list where it says that everybody may come in, or says nothing.

    Raises:
        ValueError: a sentence that names the field, and never what stands in it.
    """
    if text.strip() in {"", EVERYBODY_WORD}:
        return []
    try:
        tokens = _TOKENS.validate_json(text)
    except ValidationError as error:
        raise ValueError(_describe(error)) from None
    if not tokens:
        raise ValueError(f"the list of tokens is empty; where everybody may come in, say {EVERYBODY_WORD}")
    _refuse_twins("name", [token.name for token in tokens])
    _refuse_twins("token", [token.token.get_secret_value() for token in tokens])
    return tokens


def _refuse_twins(field: str, values: list[str]) -> None:
    for place, value in enumerate(values):
        if (first := values.index(value)) < place:
            raise ValueError(f"{place}.{field} is the same as {first}.{field}")


def _describe(error: ValidationError) -> str:
    fault: Any = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place: tuple[int | str, ...] = fault["loc"]
    if fault["type"] in {"json_invalid", "list_type"}:
        return f"it is neither {EVERYBODY_WORD} nor a JSON list such as {_EXAMPLE}"
    if fault["type"] == "extra_forbidden":  # its name may be a token that was put in the wrong place
        return f"{place[0]} has a field that is none of {', '.join(Token.model_fields)}"
    return f"{'.'.join(map(str, place))}: {fault['msg'].removeprefix('Value error, ')}"
