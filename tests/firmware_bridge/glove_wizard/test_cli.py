"""Command `glove check` with a glove on a pseudo-terminal, or behind a stream, whose user follows the prompts."""

from __future__ import annotations

import json
import os
import subprocess
import tty
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import httpx
import pytest

from firmware_bridge.glove_wizard.storing import store
from models.adaptation.glove_check import STEPS
from scaleglove.client import find_stream, running_streams
from scaleglove.client.gloves import Glove
from tests.deadlines import EVENT_S, wait_until
from tests.live_service import live_service
from tests.models.adaptation.test_glove_check import session
from tests.processes import run_command, started_command
from tests.wired_glove import Hand, stream_to, write_lines

FOUND = {
    "flex1": "reversed",
    "flex2": "does_not_move",
    "flex3": "follows_neighbour",
    "flex4": "follows_neighbour",
    "flex5": "moves",
    "pitch": "moves",
}


def check(*options: str) -> Any:
    return started_command(
        "glove",
        "check",
        "--json",
        *options,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=1,
    )


def answer(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def follow(process: subprocess.Popen[str], hand: Hand, skipped: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    """Show each step that the process asks for; return its other messages."""
    others = []
    assert process.stdout is not None
    for message in map(json.loads, process.stdout):
        if message["type"] != "asked":
            others.append(message)
            continue
        hand.step = message["step"]
        answer(process, "s" if message["step"] in skipped else "")
    return others


@pytest.fixture(scope="module")
def service_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with live_service(database_url=f"sqlite:///{tmp_path_factory.mktemp('gloves')}/gloves.db") as server:
        yield server.url


@pytest.fixture
def url(service_url: str) -> str:
    """Return the address of a service without the streams and gloves of earlier tests."""
    wait_until(lambda: not running_streams(service_url))
    for name in known(service_url):
        httpx.delete(f"{service_url}/v1/gloves/{name}").raise_for_status()
    return service_url


def known(url: str) -> dict[str, str | None]:
    """Return the boards of the gloves that a service knows."""
    return {one["glove"]: one["usb"] for one in httpx.get(f"{url}/v1/gloves").json()["gloves"]}


@pytest.fixture
def port() -> Iterator[tuple[int, str]]:
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    yield master, os.ttyname(slave)
    os.close(slave)
    os.close(master)


def test_a_glove_on_a_port_is_checked_without_a_service(port: tuple[int, str]) -> None:
    master, path = port
    hand = Hand()
    with hand.sending(write_lines(master)), check("--port", path) as process:
        found = follow(process, hand)
        assert process.wait(EVENT_S) == 0
    assert {each["channel"]: each["code"] for each in found} == FOUND
    assert {each["channel"]: each["follows"] for each in found if each["follows"]} == {
        "flex3": "ring",
        "flex4": "middle",
    }
    assert all(each["text"] for each in found)


def test_a_glove_behind_a_stream_is_checked_and_its_profile_stored(url: str) -> None:
    hand = Hand()
    with hand.sending(stream_to(url)):
        wait_until(lambda: running_streams(url))
        for version in (1, 2):
            with check("--url", url, "--name", "파란", "--left") as process:
                *found, stored = follow(process, hand, frozenset(STEPS[7:]))
                assert process.wait(EVENT_S) == 0
            assert stored == {
                "type": "stored", "glove": "파란", "version": version, "usb": None, "not_tied": "no_usb",
            }  # fmt: skip
            assert {each["channel"]: each["code"] for each in found} == {
                channel: code for channel, code in FOUND.items() if channel != "pitch"
            }
    glove = httpx.get(f"{url}/v1/gloves/파란").json()
    assert glove["active"] == 2
    assert [each["profile"]["hand"] for each in glove["profiles"]] == ["left"] * 2
    assert [each["code"] for each in glove["profiles"][0]["findings"]] == list(FOUND.values())[:5]


@pytest.mark.parametrize(
    ("usb", "not_tied", "said"),
    [
        ("2341:0043:B", None, "a bridge uses it by the serial number of its board (2341:0043:B)"),
        ("1a86:7523", "no_serial_number", "its board (1a86:7523) has no USB serial number, as most with a CH340"),
        ("2341:0043:TAKEN", "usb_taken", "2341:0043:TAKEN is tied to the glove 'red'"),
    ],
)
def test_a_check_ties_the_glove_to_its_board(url: str, usb: str, not_tied: str | None, said: str) -> None:
    hand = Hand()
    red = Glove(url, "red")
    red.create()
    red.tie("2341:0043:taken")
    with hand.sending(stream_to(url, usb)):
        wait_until(lambda: running_streams(url))
        present = find_stream(url, None).glove
        with check("--url", url, "--name", "blue") as process:
            stored = follow(process, hand, frozenset(STEPS[2:]))[-1]
            assert process.wait(EVENT_S) == 0
        assert (stored["version"], stored["usb"], stored["not_tied"]) == (1, usb, not_tied)
        wait_until(lambda: find_stream(url, None).glove == ("blue" if not_tied is None else present))
    blue = Glove(url, "blue")
    out = StringIO()
    with redirect_stdout(out):
        store(blue, session(), "right", usb, json=False)
    assert "profile 2 of blue is stored" in out.getvalue()
    assert said in out.getvalue()
    assert known(url) == {"red": "2341:0043:TAKEN", "blue": usb if not_tied is None else None}


def test_a_glove_is_tied_to_the_board_of_its_bridge_and_untied(url: str) -> None:
    def run(*options: str) -> subprocess.CompletedProcess[str]:
        return run_command("glove", *options, "--url", url)

    for name in ("red", "blue"):
        Glove(url, name).create()
    with Hand().sending(stream_to(url, "2341:0043:B")):
        wait_until(lambda: running_streams(url))
        assert run("tie", "--name", "red").stdout == "red is tied to 2341:0043:B\n"
        refused = run("tie", "--name", "blue", "--usb", "2341:0043:b")
        assert (refused.returncode, "is tied to the glove 'red'" in refused.stderr) == (1, True)
        assert run("tie", "--name", "blue", "--stream", "red", "--replace").returncode == 0
        wait_until(lambda: find_stream(url, None).glove == "blue")
    assert run("untie", "--name", "blue").stdout == "blue is tied to no board\n"
    assert {*known(url).values()} == {None}


def test_a_check_that_is_quit_stores_nothing(port: tuple[int, str]) -> None:
    master, path = port
    hand = Hand()
    with hand.sending(write_lines(master)), check("--port", path, "--name", "blue") as process:
        answer(process, "q")
        assert process.wait(EVENT_S) == 1
        assert process.stderr is not None
        assert "not checked" in process.stderr.read()


def test_without_an_open_hand_there_is_no_check(port: tuple[int, str]) -> None:
    master, path = port
    hand = Hand()
    with hand.sending(write_lines(master)), check("--port", path) as process:
        assert follow(process, hand, frozenset({"open"})) == []
        assert process.wait(EVENT_S) == 1
        assert process.stderr is not None
        assert "steps.open" in process.stderr.read()


def test_a_user_at_a_terminal_reads_what_is_found(port: tuple[int, str]) -> None:
    master, path = port
    command = ["glove", "check", "--port", path, "--countdown", "0"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    # The hand stays open; "x" is no answer, and "r" shows the first step again.
    with Hand().sending(write_lines(master)), started_command(*command, **pipes) as process:
        out, text = process.communicate("\nx\nr\n" + "\n" * len(STEPS), timeout=EVENT_S)
    assert (process.returncode, out) == (0, "")
    assert text.count("1 of 10: open hand") == 2
    assert text.count("2 of 10: fist") == 3
    assert text.count("does not move") == 5
