"""Who comes in: a token becomes a guest. Pure; the tokens themselves are not kept, only their digests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from service.auth.quota import Quota
from service.auth.tokens import Role, Token


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. Every request and stream with one token is the same guest and shares its allowance."""

    name: str
    role: Role
    allowance: Quota


class Access:
    """The tokens that open the service; without any, everybody may do everything."""

    def __init__(self, tokens: Sequence[Token] = ()) -> None:
        self._guests = [(_digest(token.token.get_secret_value()), _guest(token)) for token in tokens]
        self._everybody = Principal("everybody", Role.ADMIN, Quota("everybody"))

    @property
    def open_to_all(self) -> bool:
        """No token is asked for."""
        return not self._guests

    def guest(self, token: str | None) -> Principal | None:
        """The guest with this token; None for one that is missing or unknown."""
        if self.open_to_all:
            return self._everybody
        if token is None:
            return None
        offered = _digest(token)
        found = None
        # On to the end and each in constant time: how long a wrong token takes tells nothing about the right ones.
        for known, guest in self._guests:
            if compare_digest(known, offered):
                found = guest
        return found


def _guest(token: Token) -> Principal:
    return Principal(token.name, token.role, Quota(f"the token {token.name!r}", token.rate, token.streams))


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
