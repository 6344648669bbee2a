"""Commands as child processes."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import serial
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

from firmware_bridge.recorder.raw import read_raw
from scaleglove.letter_templates import load_templates
from scaleglove.protocol import ACCEPTS, ACCEPTS_HEADER, SUBPROTOCOL
from scaleglove.vocabulary import load_vocabulary
from tests.commands import runner
from tests.deadlines import EVENT_S
from tests.live_service import live_service
from tests.processes import run_command, started_command

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def emulate(*options: str) -> Iterator[subprocess.Popen[str]]:
    with started_command("emulate", *options, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.terminate()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command(*arguments, cwd=ROOT)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def first_message(process: subprocess.Popen[str], kind: str) -> dict[str, Any]:
    """Return the first message of this type that the process prints with `--json`."""
    assert process.stdout is not None
    return next(message for line in process.stdout if (message := json.loads(line))["type"] == kind)


def read_to_the_end(port: serial.Serial) -> None:
    while port.read(4096):
        pass


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_emulate_prints_its_terminal_first_and_stops_cleanly(stop: signal.Signals) -> None:
    with emulate() as process:
        with serial.Serial(first_line(process), 115200, timeout=EVENT_S) as port:
            port.readline()
            assert port.readline().count(b",") == 8
        process.send_signal(stop)
        assert process.wait(EVENT_S) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_emulate_tells_programs_where_it_is_and_serves_tcp() -> None:
    with emulate("--json", "--listen", "127.0.0.1:0", "--fields", "12", "--rate-hz", "100") as process:
        address = json.loads(first_line(process))
        assert Path(address["port"]).exists()
        with serial.serial_for_url(f"socket://{address['listen']}", timeout=EVENT_S) as port:
            port.readline()
            lines = [port.readline().split(b",") for _ in range(3)]
        assert [len(line) for line in lines] == [12, 12, 12]
        assert int(lines[1][0]) - int(lines[0][0]) == 10


def test_emulate_ends_by_itself_after_one_pass() -> None:
    with emulate("--text", "ㄱ", "--once", "--hold-s", "0.2", "--speed", "20") as process:
        with (
            serial.Serial(first_line(process), 115200, timeout=EVENT_S) as port,
            pytest.raises(serial.SerialException),  # the pseudo-terminal goes with the emulator
        ):
            read_to_the_end(port)
        assert process.wait(EVENT_S) == 0


@pytest.mark.parametrize(
    ("arguments", "status", "printed"),
    [
        (["emulate", "--text", "hello"], 2, "'h'"),
        (["emulate", "--text", ""], 2, "--text"),
        (["emulate", "--hold-s", "inf"], 2, "--hold-s"),
        (["emulate", "--speed", "inf"], 2, "--speed"),
        (["emulate", "--pause-s", "inf"], 2, "--pause-s"),
        (["emulate", "--replay", "no-such-folder"], 1, "no-such-folder"),
        (["emulate", "--listen", "nowhere"], 2, "HOST:PORT"),
        (["emulate", "--fields", "8"], 2, "9 or 12"),
        (["emulate", "--firmware", "README.md"], 1, "README.md is no ELF image"),
        (["emulate", "--firmware", "no-such-image.elf"], 1, "no-such-image.elf"),
        (["emulate", "--firmware", "README.md", "--text", "안녕"], 2, "--text"),
        (["bridge", "--port", "/dev/no-such-glove", "--url", "nonsense"], 1, "'nonsense' is not the address"),
        (["bridge", "--port", ""], 2, "--port"),
        (["bridge", "--port", "socket://127.0.0.1"], 2, "socket://HOST:PORT"),
        (["bridge", "--format", "morse"], 2, "--format"),
        (["bridge", "--buffer-frames", "0"], 2, "--buffer-frames"),
        (["command", "dance"], 2, "dance"),
        (["command", "interval"], 2, "interval 20"),
        (["command", "interval", "5000"], 2, "1 to 1000 milliseconds"),
        (["command", "recal", "20"], 2, "recal takes no milliseconds"),
        (["command", "recal", "--port", ""], 2, "--port"),
        (["command", "recal", "--port", "/dev/no-such-glove"], 1, "there is no serial port /dev/no-such-glove"),
        (["command", "recal", "--url", "http://127.0.0.1:1"], 1, "cannot reach the service at http://127.0.0.1:1"),
        (["command", "recal", "--url", "nonsense"], 1, "'nonsense' is not the address"),
        (["measure-letters", "no-such-folder"], 1, "no-such-folder"),
        (
            ["measure-letters", ".", "--out", "no-such-folder/letters.json"],
            2,
            "the folder no-such-folder does not exist",
        ),
    ],
)
def test_an_error_is_one_line_on_stderr(
    arguments: list[str],
    status: int,
    printed: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(ROOT)
    done = runner(monkeypatch, capsys)(*arguments)
    assert done.returncode == status
    assert printed in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("port", "printed"),
    [("/dev/no-such-glove", "there is no serial port"), ("/dev/null", "/dev/null is not a serial port")],
)
def test_a_bridge_reports_what_it_waits_for_and_no_frames(port: str, printed: str) -> None:
    command = ["bridge", "--port", port, "--url", "http://127.0.0.1:1"]
    with started_command(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stderr is not None
        lines = sorted([process.stderr.readline(), process.stderr.readline()])
        process.terminate()
        assert process.wait(EVENT_S) == 0
        last = process.stderr.read().splitlines()[-1]
    assert lines[0].startswith("cannot reach the service at ws://127.0.0.1:1/v1/stream")
    assert "start it with `scaleglove serve`, or name another with --url" in lines[0]
    assert printed in lines[1]
    assert last.startswith("0 frames read")


@contextmanager
def bridge(url: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run a bridge that reads its own emulated glove."""
    with emulate("--speed", "2") as glove:
        command = ["bridge", "--port", first_line(glove), "--url", url, *options]
        with started_command(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
            try:
                yield process
            finally:
                process.terminate()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with live_service() as server:
        yield server.url


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_bridge_stops_cleanly_and_accounts_for_its_frames(url: str, stop: signal.Signals) -> None:
    with bridge(url) as process:
        assert first_line(process)  # a letter
        process.send_signal(stop)
        assert process.wait(EVENT_S) == 0
        assert process.stderr is not None
        printed = process.stderr.read().splitlines()
    assert "0 of them not delivered" in printed[-1]
    assert not any("Traceback" in line for line in printed)


def test_a_raw_recording_of_a_bridge_is_replayed_as_a_glove(url: str, tmp_path: Path) -> None:
    recording = tmp_path / "glove.raw"
    with bridge(url, "--raw", str(recording), "--baud", "auto", "--dtr", "keep") as process:
        assert first_line(process)  # a letter
    (port, *_) = read_raw(recording)
    with emulate("--replay-raw", str(recording), "--wait", "--pause-s", "3600", "--speed", "10") as glove:
        terminal = serial.Serial(first_line(glove), timeout=EVENT_S)
        sent = b"".join(read.data for read in port.reads)
        assert terminal.read(len(sent)) == sent
        terminal.close()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["bridge", "--baud", "fast"], "neither a baud rate"),
        (["bridge", "--baud", "7"], "neither a baud rate"),
        (["bridge", "--dtr", "maybe"], "--dtr"),
        (["bridge", "--port", "listen://x"], "use listen://HOST:PORT"),
        (["emulate", "--replay-raw", "x", "--text", "안"], "does not apply to --replay-raw"),
        (["emulate", "--replay-raw", __file__], "is not a raw recording"),
    ],
)
def test_wrong_options_of_the_port_are_refused_in_words(
    options: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = runner(monkeypatch, capsys)(*options)
    assert done.returncode in {1, 2}
    assert said in " ".join(done.stderr.replace("│", " ").split())


def test_a_bridge_whose_output_is_closed_stops_cleanly(url: str) -> None:
    with bridge(url, "--json") as process:
        assert first_message(process, "started")["model"]
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(EVENT_S) == 0
        assert process.stderr is not None
        printed = process.stderr.read().splitlines()
    assert "frames read" in printed[-1]
    assert not any("Traceback" in line or "BrokenPipe" in line for line in printed)


def test_a_glove_is_commanded_at_its_port_and_answers() -> None:
    with emulate() as process:
        port = first_line(process)
        done = run("command", "interval", "20", "--port", port)
        assert (done.returncode, done.stdout, done.stderr) == (0, "20 ms between frames\n", "")
        done = run("command", "yawzero", "--port", port)
        assert (done.returncode, done.stdout) == (0, "yaw is 0 here\n")


def test_a_glove_is_commanded_through_the_service_while_the_bridge_has_its_port(url: str) -> None:
    with bridge(url) as process:
        assert first_line(process)  # a letter
        done = run("command", "interval", "40", "--url", url)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("interval,40: written to the glove of stream ")
        process.terminate()
        _, printed = process.communicate(timeout=EVENT_S)
    assert "command from the service: interval 40 ms\n" in printed
    assert "# 40 ms between frames\n" in printed


def test_an_emulated_hand_is_asked_for_a_letter_where_the_bridge_says_that_it_obeys(url: str) -> None:
    with bridge(url, "--commands", "show,interval") as process:
        assert first_line(process)  # a letter
        done = run("command", "show", "--letter", "ㅏ", "--url", url)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("show ㅏ: written to the glove of stream ")
        refused = run("command", "recal", "--url", url)
        assert (refused.returncode, "it takes interval, show" in refused.stderr) == (1, True)
        process.terminate()
        _, printed = process.communicate(timeout=EVENT_S)
    assert "command from the service: show ㅏ\n" in printed
    assert "# shown\n" in printed


def test_a_command_that_there_is_not_is_wrong_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = runner(monkeypatch, capsys)
    done = run("bridge", "--commands", "recal,dance", "--port", "/dev/none")
    assert (done.returncode, "'dance' is no command" in done.stderr) == (2, True)
    done = run("command", "recal", "--letter", "ㄱ", "--port", "/dev/none")
    assert (done.returncode, "only show does" in done.stderr) == (2, True)


def test_a_command_without_a_glove_is_an_error(url: str) -> None:
    done = run("command", "recal", "--url", url)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "start the bridge first" in done.stderr


def test_a_terminal_sees_how_far_the_reading_of_a_replay_is(recordings_root: Path) -> None:
    master, slave = os.openpty()
    folder = str(recordings_root / "collection_a" / "ㅜ" / "3")
    with started_command("emulate", "--replay", folder, stdout=subprocess.PIPE, stderr=slave, cwd=ROOT) as process:
        assert first_line(process).startswith("/dev/")
        process.terminate()
        assert process.wait(EVENT_S) == 0
    os.close(slave)
    assert b"reading recordings" in os.read(master, 4096)
    os.close(master)


def test_measure_letters_writes_a_table(recordings_root: Path, tmp_path: Path) -> None:
    for letter in load_vocabulary("korean").names:
        for collection in ("collection_a", "collection_b"):
            place = Path(collection, letter, "2")
            recorded = sorted((recordings_root / place).glob("*.csv"))[:2]
            (tmp_path / place).mkdir(parents=True)
            for path in recorded:
                shutil.copy(path, tmp_path / place)
    done = run("measure-letters", str(tmp_path), "--out", str(tmp_path / "letters.json"))
    assert (done.returncode, done.stderr) == (0, "")
    table = load_templates(str(tmp_path / "letters.json"))
    assert table.letters["ㄱ"].measured == "collection_a/ㄱ/2"
    assert table.letters["ㅌ"].measured == "collection_b/ㅌ/2"


@contextmanager
def first_messages() -> Iterator[tuple[str, queue.Queue[str | bytes]]]:
    """Serve streams that are never started; give the address, and the first message of each."""
    received: queue.Queue[str | bytes] = queue.Queue()

    def accepts(_: ServerConnection, request: Request, response: Response) -> None:
        response.headers[ACCEPTS_HEADER] = ", ".join(ACCEPTS)

    def receive(connection: ServerConnection) -> None:
        received.put(connection.recv())
        for _ in connection:
            pass

    spoken = [Subprotocol(SUBPROTOCOL)]
    with serve(receive, "127.0.0.1", 0, subprotocols=spoken, process_response=accepts) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}", received
        server.shutdown()
        serving.join()


@pytest.mark.parametrize(
    ("option", "text"), [("", None), ("--words", {"words": True}), ("--no-words", {"words": False})]
)
def test_a_bridge_says_whether_words_may_be_changed(option: str, text: dict[str, bool] | None) -> None:
    with first_messages() as (address, received), bridge(address, *filter(None, [option])):
        assert json.loads(received.get(timeout=EVENT_S)).get("text") == text


def test_a_bridge_brings_the_token_of_a_file(tmp_path: Path) -> None:
    tokens = json.dumps([{"name": "glove", "token": "sender-0123456789", "role": "sender"}])
    file = tmp_path / "token"
    with live_service(tokens=tokens) as server:
        file.write_text("sender-0123456789\n")
        with bridge(server.url, "--json", "--token-file", str(file)) as process:
            assert first_message(process, "started")["model"]
            process.terminate()
            process.communicate(timeout=EVENT_S)
        file.write_text("wrong-0123456789\n")
        with bridge(server.url, "--token-file", str(file)) as process:
            _, errors = process.communicate(timeout=EVENT_S)
        assert process.returncode == 1
        assert errors.endswith("scaleglove: the token is unknown to this service\n")
