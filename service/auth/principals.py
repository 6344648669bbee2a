"""Authentication: the principal behind a token. Pure; of the tokens only digests are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from service.auth.quota import Quota
from service.auth.tokens import Role, Token


@dataclass(frozen=True, slots=True)
class Principal:
    """Authenticated caller. All requests and streams with one token share its quota."""

    name: str
    role: Role
    quota: Quota


class Authenticator:
    """The tokens of the service; without any, every caller is an administrator."""

    def __init__(self, tokens: Sequence[Token] = ()) -> None:
        self._principals = [(_digest(token.token.get_secret_value()), _principal_of(token)) for token in tokens]
        self._everybody = Principal("everybody", Role.ADMIN, Quota("everybody"))

    @property
    def open_to_all(self) -> bool:
        """Whether no token is required."""
        return not self._principals

    def authenticate(self, token: str | None) -> Principal | None:
        """Return the principal of a token, or None if the token is missing or unknown."""
        if self.open_to_all:
            return self._everybody
        if token is None:
            return None
        offered = _digest(token)
        found = None
        # Every token is compared, each in constant time: timing must not reveal anything about the valid ones.
        for known, principal in self._principals:
            if compare_digest(known, offered):
                found = principal
        return found


def _principal_of(token: Token) -> Principal:
    return Principal(token.name, token.role, Quota(f"the token {token.name!r}", token.rate, token.streams))


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
