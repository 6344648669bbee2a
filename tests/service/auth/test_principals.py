from __future__ import annotations

import pytest
from pydantic import SecretStr

from service.auth import principals as module
from service.auth.principals import Authenticator
from service.auth.tokens import Role, Token

TOKENS = [
    Token(name=role.value, token=SecretStr(f"{role.value}-0123456789"), role=role, streams=1, rate=1.0) for role in Role
]


def test_roles_are_cumulative() -> None:
    assert [[role.covers(needed) for needed in Role] for role in Role] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


def test_a_token_is_always_the_same_principal() -> None:
    authenticator = Authenticator(TOKENS)
    for token in TOKENS:
        principal = authenticator.authenticate(token.token.get_secret_value())
        assert principal is not None
        assert (principal.name, principal.role) == (token.name, token.role)
        assert authenticator.authenticate(token.token.get_secret_value()) is principal  # so that it has one quota


@pytest.mark.parametrize("token", [None, "", "viewer-012345678", "viewer-01234567890", "VIEWER-0123456789", "é" * 20])
def test_no_other_token_opens(token: str | None) -> None:
    assert Authenticator(TOKENS).authenticate(token) is None


@pytest.mark.parametrize("token", [None, "", "whatever"])
def test_without_tokens_everybody_may_do_everything(token: str | None) -> None:
    principal = Authenticator().authenticate(token)
    assert principal is not None
    assert principal.role is Role.ADMIN


@pytest.mark.parametrize("token", ["viewer-0123456789", "admin-0123456789", "wrong-0123456789"])
def test_every_digest_is_compared_whichever_token_comes(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def compare(known: bytes, offered: bytes) -> bool:
        compared.append((known, offered))
        return known == offered

    authenticator = Authenticator(TOKENS)
    monkeypatch.setattr(module, "compare_digest", compare)
    authenticator.authenticate(token)
    assert len({known for known, _ in compared}) == len(compared) == len(TOKENS)
    assert {len(digest) for pair in compared for digest in pair} == {32}
