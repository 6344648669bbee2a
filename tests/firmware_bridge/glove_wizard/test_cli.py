"""Command `glove check` with a glove on a pseudo-terminal, or behind a stream, whose user follows the prompts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.adaptation.glove_check import STEPS
from tests.deadlines import EVENT_S, wait_until
from tests.live_service import live_service
from tests.processes import started
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
    command = [sys.executable, "-m", "scaleglove", "glove", "check", "--json", *options]
    return started(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=1)


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


def test_a_glove_behind_a_stream_is_checked_and_its_profile_stored(tmp_path: Path) -> None:
    hand = Hand()
    with live_service(database_url=f"sqlite:///{tmp_path}/gloves.db") as server:
        streams = f"{server.url}/v1/streams"
        with hand.sending(stream_to(server.url)):
            wait_until(lambda: httpx.get(streams).json()["streams"])
            for version in (1, 2):
                with check("--url", server.url, "--name", "파란", "--left") as process:
                    *found, stored = follow(process, hand, frozenset(STEPS[7:]))
                    assert process.wait(EVENT_S) == 0
                assert stored == {"type": "stored", "glove": "파란", "version": version}
                assert {each["channel"]: each["code"] for each in found} == {
                    channel: code for channel, code in FOUND.items() if channel != "pitch"
                }
        glove = httpx.get(f"{server.url}/v1/gloves/파란").json()
    assert glove["active"] == 2
    assert [each["profile"]["hand"] for each in glove["profiles"]] == ["left"] * 2
    assert [each["code"] for each in glove["profiles"][0]["findings"]] == list(FOUND.values())[:5]


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
    command = [sys.executable, "-m", "scaleglove", "glove", "check", "--port", path, "--countdown", "0"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    # The hand stays open; "x" is no answer, and "r" shows the first step again.
    with Hand().sending(write_lines(master)), started(command, **pipes) as process:
        out, text = process.communicate("\nx\nr\n" + "\n" * len(STEPS), timeout=EVENT_S)
    assert (process.returncode, out) == (0, "")
    assert text.count("1 of 10: open hand") == 2
    assert text.count("2 of 10: fist") == 3
    assert text.count("does not move") == 5
