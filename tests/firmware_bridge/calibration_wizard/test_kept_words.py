"""Command `calibrate --keep-words`, and the client's methods, with a stream whose words have shown letters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from firmware_bridge.calibration_wizard.cli import app
from scaleglove.client import StreamError
from scaleglove.client.wearers import Wearer
from scaleglove.hangul.spelling import letters
from tests.service.conftest import running
from tests.service.wearers.test_doubts import send
from tests.service.wearers.test_kept_words import WORDS, signed


def test_what_words_have_shown_is_kept_without_a_question(tmp_path: Path) -> None:
    with running(database_url=f"sqlite:///{tmp_path}/wearers.db") as service:
        wearer = Wearer(service.url, "수아")
        with service.stream() as (socket, started):
            command = [
                "calibrate",
                "--wearer",
                "수아",
                "--url",
                service.url,
                "--stream",
                started["stream"],
                "--keep-words",
            ]
            early = CliRunner().invoke(app, command)
            assert isinstance(early.exception, StreamError)
            assert early.exception.code == "no_word_examples"
            send(socket, signed(WORDS))
            done = CliRunner().invoke(app, [*command, "--json"])
            assert done.exit_code == 0, done.output
            said = CliRunner().invoke(app, command).output
        made = json.loads(done.output)
        assert (made["type"], made["words"], made["version"]) == ("calibrated", len(letters("".join(WORDS))), 1)
        assert f"examples that words have shown: {made['words']}" in said
        assert wearer.forget_words() == made["words"]
        with pytest.raises(StreamError, match="has no examples"):
            wearer.calibrate()


@pytest.mark.parametrize("option", [["--sitting"], ["--doubts"], ["--letters", "ㄱ"], ["--port", "/dev/null"]])
def test_it_asks_for_nothing(option: list[str]) -> None:
    done = CliRunner().invoke(app, ["calibrate", "--wearer", "ada", "--keep-words", *option])
    assert done.exit_code == 2
