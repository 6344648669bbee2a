"""Tokens of the setting `SCALEGLOVE_TOKENS`, with their roles and quotas. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError

from scaleglove.validation_faults import describe_fault

EVERYBODY_WORD: Final = "none"
"""Value of the setting that requires no token of anyone."""

MIN_TOKEN_CHARACTERS: Final = 16
_MAX_TOKEN_CHARACTERS: Final = 256
_ALPHABET: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=")
"""Characters that an Authorization header may hold (RFC 6750)."""


class Role(StrEnum):
    """Role of a token, in ascending order: each includes those before it."""

    VIEWER = "viewer"
    SENDER = "sender"
    ADMIN = "admin"

    def covers(self, needed: Role) -> bool:
        """Return whether this role includes `needed`."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


def _check_token(token: SecretStr) -> SecretStr:
    text = token.get_secret_value()
    if not MIN_TOKEN_CHARACTERS <= len(text) <= _MAX_TOKEN_CHARACTERS:
        raise ValueError(f"a token must have {MIN_TOKEN_CHARACTERS} to {_MAX_TOKEN_CHARACTERS} characters")
    if not _ALPHABET.issuperset(text):
        raise ValueError("a token may only contain the letters a-z and A-Z, digits and - . _ ~ + / =")
    return token


class Token(BaseModel):
    """One token; `streams` (concurrent) and `rate` (windows per second) are unlimited if omitted."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field(min_length=1, max_length=64)
    token: Annotated[SecretStr, AfterValidator(_check_token)]
    role: Role
    streams: int | None = Field(None, ge=1)
    rate: float | None = Field(None, gt=0, allow_inf_nan=False)


_TOKENS: Final = TypeAdapter(list[Token])
_EXAMPLE: Final = '[{"name": "lab", "token": "...", "role": "sender", "streams": 4, "rate": 200}]'


def parse_tokens(text: str) -> list[Token]:
    """Parse a setting's text; an empty text, or EVERYBODY_WORD, is an empty list.

    Raises:
        ValueError: naming the field, never its content.
    """
    if text.strip() in {"", EVERYBODY_WORD}:
        return []
    try:
        tokens = _TOKENS.validate_json(text)
    except ValidationError as error:
        raise ValueError(_describe(error)) from None
    if not tokens:
        raise ValueError(f"the list of tokens is empty; to require no token set it to {EVERYBODY_WORD}")
    _refuse_duplicates("name", [token.name for token in tokens])
    _refuse_duplicates("token", [token.token.get_secret_value() for token in tokens])
    return tokens


def _refuse_duplicates(field: str, values: list[str]) -> None:
    for index, value in enumerate(values):
        if (first := values.index(value)) < index:
            raise ValueError(f"{index}.{field} is a duplicate of {first}.{field}")


def _describe(error: ValidationError) -> str:
    fault: Any = error.errors(include_url=False, include_input=False)[0]
    path: tuple[int | str, ...] = fault["loc"]
    if fault["type"] in {"json_invalid", "list_type"}:
        return f"must be {EVERYBODY_WORD} or a JSON list such as {_EXAMPLE}"
    if fault["type"] == "extra_forbidden":  # its name may be a token in the wrong place
        return f"{path[0]} has an unknown field; the fields are {', '.join(Token.model_fields)}"
    return f"{'.'.join(map(str, path))}: {describe_fault(fault)}"
