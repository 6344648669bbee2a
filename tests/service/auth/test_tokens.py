from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from service.auth.tokens import Role, parse_tokens
from service.listening import is_loopback, refuse_exposure
from service.settings import Settings, TokensError, read_tokens

SECRET = "s3cret-s3cret-s3cret"
TOKEN = {"name": "lab", "token": SECRET, "role": "sender"}


def listed(*tokens: Any) -> str:
    return json.dumps(tokens)


def test_reads_every_field() -> None:
    lab, wall = parse_tokens(
        listed(TOKEN | {"streams": 4, "rate": 2.5}, {"name": "wall", "token": "v" * 16, "role": "viewer"})
    )
    assert (lab.name, lab.token.get_secret_value(), lab.role) == ("lab", SECRET, Role.SENDER)
    assert (lab.streams, lab.rate) == (4, 2.5)
    assert (wall.role, wall.streams, wall.rate) == (Role.VIEWER, None, None)


@pytest.mark.parametrize("text", ["", " ", "none", " none\n"])
def test_no_token_is_needed_if_none_is_configured(text: str) -> None:
    assert parse_tokens(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", "the list of tokens is empty"),
        ("nobody", "must be none or a JSON list"),
        ('{"name": "s3cret-s3cret-s3cret"}', "must be none or a JSON list"),
        (f'["{SECRET}"]', r"^0: "),
        (
            listed(TOKEN, TOKEN | {"name": "x", "token": "s3cret"}),
            r"^1\.token: a token must have 16 to 256 characters$",
        ),
        (listed(TOKEN | {"token": SECRET * 20}), r"^0\.token: a token must have 16 to 256 characters$"),
        (listed(TOKEN | {"token": SECRET + " "}), r"^0\.token: a token may only contain the letters"),
        (listed(TOKEN | {"token": SECRET + "é"}), r"^0\.token: a token may only contain the letters"),
        (listed(TOKEN | {"token": [SECRET]}), r"^0\.token: "),
        (listed(TOKEN | {"name": ""}), r"^0\.name: "),
        (listed(TOKEN | {"role": SECRET}), r"^0\.role: is not one of the choices; give 'viewer', 'sender' or 'admin'$"),
        (listed(TOKEN | {"streams": 0}), r"^0\.streams: "),
        (listed(TOKEN | {"rate": 0}), r"^0\.rate: "),
        (listed(TOKEN | {"rate": SECRET}), r"^0\.rate: "),
        (
            listed({SECRET: "viewer"} | TOKEN),
            "^0 has an unknown field; the fields are name, token, role",
        ),
        (listed({"name": "lab", "token": SECRET}), r"^0\.role: is missing; give it$"),
        (listed(TOKEN, TOKEN | {"token": "other-other-other"}), r"^1\.name is a duplicate of 0\.name$"),
        (listed(TOKEN, TOKEN | {"name": "x"}), r"^1\.token is a duplicate of 0\.token$"),
    ],
)
def test_a_fault_names_the_field_and_never_the_token(text: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected) as caught:
        parse_tokens(text)
    assert "s3cret" not in str(caught.value)
    with pytest.raises(ValueError, match="tokens") as caught:
        Settings(_env_file=None, tokens=text)
    assert re.search(expected.strip("^$"), str(caught.value))
    assert "s3cret" not in str(caught.value)


def test_settings_do_not_show_their_tokens() -> None:
    settings = Settings(_env_file=None, tokens=listed(TOKEN))
    for shown in (repr(settings), str(settings), settings.model_dump_json(), repr(read_tokens(settings))):
        assert "s3cret" not in shown
    assert read_tokens(settings)[0].token.get_secret_value() == SECRET


def test_tokens_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    settings = Settings(_env_file=None, tokens_file=file)
    with pytest.raises(TokensError, match=r"^tokens_file: cannot read .*No such file"):
        read_tokens(settings)
    for content, expected in (
        (b" \n", "is empty"),
        (b"\xff", "not UTF-8"),
        (listed(TOKEN | {"role": SECRET}).encode(), r"0\.role"),
    ):
        file.write_bytes(content)
        with pytest.raises(TokensError, match=expected) as caught:
            read_tokens(settings)
        assert "s3cret" not in str(caught.value)
    file.write_text(listed(TOKEN))
    assert [token.name for token in read_tokens(settings)] == ["lab"]
    file.write_text("none\n")
    assert read_tokens(settings) == []
    with pytest.raises(TokensError, match="set only one of them"):
        read_tokens(Settings(_env_file=None, tokens_file=file, tokens="none"))


@pytest.mark.parametrize(
    ("address", "ours_alone"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("::ffff:0.0.0.0", False),
        ("10.1.2.3", False),
        ("fe80::1%eth0", False),
    ],
)
def test_an_address_beyond_loopback_requires_access_settings(address: str, ours_alone: bool, tmp_path: Path) -> None:
    assert is_loopback(address) is ours_alone
    for expected in ({"tokens": "none"}, {"tokens": listed(TOKEN)}, {"tokens_file": tmp_path}):
        refuse_exposure(Settings(_env_file=None, **expected), address)
    silent = Settings(_env_file=None, tokens=" ")
    if ours_alone:
        refuse_exposure(silent, address)
    else:
        with pytest.raises(TokensError, match=re.escape(f"other machines can reach {address}: set SCALEGLOVE_TOKENS")):
            refuse_exposure(silent, address)
