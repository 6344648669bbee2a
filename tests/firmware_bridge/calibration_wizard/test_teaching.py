"""Command `teach` with a service, a streaming glove and a user who shows a sign three times."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import httpx
import pytest

from tests.firmware_bridge.calibration_wizard.streaming_hand import MOVING, Glove, hold
from tests.live_service import live_service
from tests.processes import started_command


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with live_service() as server:
        yield server.url


def teach(url: str, name: str, wearer: str, answers: list[str]) -> tuple[int, list[dict[str, object]]]:
    """Return the exit status and the messages; each request is answered by the next of `answers`."""
    command = ["teach", name, "--wearer", wearer, "--url", url, "--json"]
    messages = []
    with started_command(
        *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=1
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        rest = iter(answers)
        for line in process.stdout:
            messages.append(json.loads(line))
            if messages[-1]["type"] == "asked":
                hold(url)
                process.stdin.write(next(rest) + "\n")
                process.stdin.flush()
        return process.wait(), messages


@pytest.mark.parametrize(("label", "moving"), [("rest", False), (MOVING, True)])
def test_a_sign_is_taught_by_three_shows(url: str, label: str, moving: bool) -> None:
    glove = Glove(url)
    glove.label = label
    with glove.streaming():
        status, messages = teach(url, "thumbs up", f"ada-{moving}", ["", "", "r", "", ""])
    assert status == 0
    assert [each["type"] for each in messages].count("example") == 4
    assert messages[-1]["type"] == "calibrated"
    (profile,) = httpx.get(f"{url}/v1/wearers/ada-{moving}/profiles").json()["profiles"]
    assert profile["signs"] == [{"label": "thumbs up", "moving": moving, "display": ""}]
    assert profile["examples"] == {"thumbs up": 3}


def test_who_quits_teaches_nothing_and_the_examples_are_kept(url: str) -> None:
    glove = Glove(url)
    with glove.streaming():
        status, messages = teach(url, "wave", "eve", ["", "q"])
    assert status == 1
    assert messages[-1]["type"] == "asked"
    assert httpx.get(f"{url}/v1/wearers/eve").json()["examples"] == {"wave": 1}
