"""`scaleglove record` as its users run it: at a terminal, and from a script."""

from __future__ import annotations

import itertools
import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import pytest

from scaleglove.recordings import load_folder
from tests.commands import runner
from tests.deadlines import EVENT_S
from tests.live_service import live_service
from tests.processes import run_command, started_command

COMMAND = (sys.executable, "-m", "scaleglove")


@contextmanager
def emulated(*options: str) -> Iterator[str]:
    """Run an emulated glove and yield its pseudo-terminal."""
    with started_command("emulate", *options, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def record(port: str, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run_command("record", "--port", port, "--out", str(out), *options)


def test_a_script_records_and_resumes(tmp_path: Path) -> None:
    with emulated("--rate-hz", "200", "--text", "ㄱ", "--hold-s", "60", "--fields", "12") as port:
        options = ("--letters", "ㄱㄴ", "--bends", "1", "--episodes", "2", "--yes", "--pause-s", "0")
        done = record(port, tmp_path, *options, "--json")
        assert done.returncode == 0, done.stderr
        messages = [json.loads(line) for line in done.stdout.splitlines()]
        assert [one["letter"] for one in messages] == ["ㄱ", "ㄴ", "ㄱ", "ㄴ"]
        assert messages[0]["rate_hz"] == pytest.approx(200, rel=0.02)
        again = record(port, tmp_path, *options)
        assert "has all of these episodes already" in again.stderr
        more = record(port, tmp_path, *options[:4], "--episodes", "3", *options[6:])
        assert len(more.stdout.splitlines()) == 2
    episodes, report = load_folder(tmp_path)
    assert report.findings.total() == 0
    assert report.unreadable == []
    assert {len(episode.t_ms) for episode in episodes} == {80}
    assert sorted(episode.label for episode in episodes) == ["ㄱ"] * 3 + ["ㄴ"] * 3


def test_episodes_with_a_sensor_fault_are_reported_and_discarded(tmp_path: Path) -> None:
    with emulated("--rate-hz", "200", "--fault", "flex2=dropped") as port:
        done = record(port, tmp_path, "--letters", "ㄱ", "--episodes", "1", "--yes", "--pause-s", "0")
    assert done.returncode == 1
    assert done.stderr.count("not kept: flex2 has no contact") == 3
    assert not list(tmp_path.rglob("*.csv"))


def test_a_running_bridge_s_stream_is_recorded_while_it_goes_on(tmp_path: Path) -> None:
    with (
        live_service() as server,
        emulated("--rate-hz", "100", "--text", "ㄱ", "--hold-s", "60") as port,
        started_command("bridge", "--port", port, "--url", server.url, "--json", stdout=subprocess.PIPE) as bridge,
    ):
        assert bridge.stdout is not None
        assert any("prediction" in line for line in bridge.stdout)
        options = ("--letters", "ㄱ", "--episodes", "2", "--yes", "--pause-s", "0")
        done = run_command("record", "--url", server.url, "--out", str(tmp_path), *options)
        bridge.terminate()
    assert done.returncode == 0, done.stderr
    episodes, report = load_folder(tmp_path)
    assert len(episodes) == 2
    assert report.unreadable == []
    assert report.interval_ms[1] == pytest.approx(10)


def answer_as_another_glove(server: socket.socket) -> None:
    """Send lines of 12 bits to the first connection until it closes."""
    with server.accept()[0] as connection, suppress(OSError):
        for n in itertools.count():
            flex = ",".join(str(value + n % 5) for value in (3144, 3112, 3444, 3440, 3528))
            connection.sendall(f"{10 * n},{n % 3},{-60 - n % 2},10,{flex}\n".encode())
            time.sleep(0.001)


def test_a_glove_of_twelve_bits_is_recorded(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        answering = threading.Thread(target=answer_as_another_glove, args=(server,))
        answering.start()
        port = f"socket://127.0.0.1:{server.getsockname()[1]}"
        done = record(port, tmp_path, "--letters", "ㄱ", "--episodes", "1", "--yes", "--pause-s", "0")
        answering.join(EVENT_S)
    assert done.returncode == 0, done.stderr
    (episode,), _ = load_folder(tmp_path)
    assert episode.values[:, :5].min() > 3000


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--letters", "A"], "name others with --labels"),
        (["--labels", "hello,a/b"], "a folder must be able to have it"),
        (["--labels", "hello,,thanks"], "--labels"),
        (["--labels", "a", "--letters", "ㄱ"], "use either --letters or --labels"),
        (["--bends", "a/b"], "is not a valid folder name"),
        (["--collection", ".."], "is not a valid folder name"),
        (["--port", ""], "the port name is empty"),
        (["--url", "http://127.0.0.1:1"], "use either --port or --url"),
        (["--stream", "s"], "give --url too"),
    ],
)
def test_invalid_options_are_reported(
    tmp_path: Path,
    options: list[str],
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = runner(monkeypatch, capsys)
    done = run("record", "--port", "socket://127.0.0.1:1", "--out", tmp_path, *options, "--yes")
    assert done.returncode == 2
    assert expected in " ".join(done.stderr.replace("│", " ").split())


class Terminal:
    """Program at a terminal, and its output."""

    def __init__(self, *command: str) -> None:
        self._pid, self._screen = pty.fork()
        if self._pid == 0:
            os.execv(command[0], command)
        self.shown = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._screen)
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)

    def type(self, text: str) -> None:
        os.write(self._screen, text.encode())

    def wait_for(self, text: str, times: int = 1, seconds: float = EVENT_S) -> None:
        self._until(lambda: self.plain.count(text) >= times, seconds)

    @property
    def plain(self) -> str:
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self.shown)

    def status(self) -> int:
        with suppress(OSError):  # the far end has closed
            self._until(lambda: False, EVENT_S)
        pid, self._pid = self._pid, 0
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def _until(self, condition: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.plain
            self.shown += os.read(self._screen, 4096).decode(errors="replace")


def test_a_user_can_record_redo_skip_and_quit(tmp_path: Path) -> None:
    with emulated("--rate-hz", "200", "--text", "ㄱ", "--hold-s", "60") as port:
        options = ("--port", port, "--out", str(tmp_path), "--labels", "[up],thank you,stop_2", "--episodes", "2")
        with Terminal(*COMMAND, "record", *options) as terminal:
            terminal.wait_for("[up]  bend 1, 1 of 2")
            terminal.type("\n")
            terminal.wait_for("thank you  bend 1, 1 of 2")
            assert len(list(tmp_path.rglob("*.csv"))) == 1
            terminal.type("what\n")
            terminal.wait_for("thank you  bend 1, 1 of 2", 2)
            terminal.type("r\n")
            terminal.wait_for("discarded: episode_")
            terminal.wait_for("[up]  bend 1, 1 of 2", 2)
            assert not list(tmp_path.rglob("*.csv"))
            terminal.type("\n")
            terminal.wait_for("thank you  bend 1, 1 of 2", 3)
            terminal.type("s\n")
            terminal.wait_for("stop_2  bend 1, 1 of 2")
            terminal.type("q\n")
            assert terminal.status() == 0
    assert "1 of 6 episodes saved" in terminal.plain
    assert "2/6" in terminal.plain  # the bar: one recorded, one skipped
    assert [path.parent.parent.name for path in tmp_path.rglob("*.csv")] == ["[up]"]
