from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import httpx
import pytest
import typer
from typer.testing import CliRunner

from models.runtime.artefact import ArtefactError
from service.cli import SECRETS, app, read_settings
from service.listening import ListenError
from service.server import Server
from service.settings import Settings
from tests.deadlines import EVENT_S, wait_until
from tests.live_service import few_models
from tests.processes import run_command, started_command

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_serve_prints_its_address_and_stops_cleanly(stop: signal.Signals) -> None:
    command = ["serve", "--port", "0", "--models-dir", str(few_models()), "--log-level", "warning"]
    with started_command(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as serving:
        assert serving.stdout is not None
        assert serving.stderr is not None
        line = serving.stdout.readline()
        match = re.fullmatch(r"scaleglove service on (http://127\.0\.0\.1:\d+)\n", line)
        assert match is not None, line
        assert httpx.get(f"{match[1]}/health/ready").status_code == 200
        serving.send_signal(stop)
        assert serving.wait(EVENT_S) == 0
        assert serving.stderr.read() == ""


def test_hangup_loads_the_models_again_and_stops_nothing(artefact_path: Path, tmp_path: Path) -> None:
    shutil.copy(artefact_path, tmp_path)
    command = ["serve", "--port", "0", "--models-dir", str(tmp_path), "--log-level", "error"]
    with started_command(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as serving:
        assert serving.stdout is not None
        assert serving.stderr is not None
        url = serving.stdout.readline().split()[-1]
        (tmp_path / "broken.onnx").write_bytes(artefact_path.read_bytes()[:1000])
        serving.send_signal(signal.SIGHUP)
        assert (
            "ERROR service.inference.reload: reload failed, still serving the previous models: "
            in serving.stderr.readline()
        )
        (tmp_path / "broken.onnx").unlink()
        shutil.copy(artefact_path.with_name("MSCSGRU.onnx"), tmp_path)
        serving.send_signal(signal.SIGHUP)
        wait_until(lambda: len(httpx.get(f"{url}/v1/models").json()["models"]) == 2)
        serving.terminate()
        assert serving.wait(EVENT_S) == 0


def test_every_setting_is_an_option_with_its_variable() -> None:
    help_text = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output
    for name, field in Settings.model_fields.items():
        assert (f"--{name.replace('_', '-')} " in help_text) is (name not in SECRETS)
        assert field.description is not None
    assert SECRETS == ("tokens", "database_url")


def test_env_example_lists_every_setting_with_its_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("SCALEGLOVE_"):
            monkeypatch.delenv(name)
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    listed = re.findall(r"^(?:# )?SCALEGLOVE_(\w+)=", text, re.MULTILINE)
    assert listed == [name.upper() for name in Settings.model_fields]
    assert Settings(_env_file=ROOT / ".env.example") == Settings(_env_file=None)


def test_options_beat_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCALEGLOVE_PORT", "1234")
    monkeypatch.setenv("SCALEGLOVE_MAX_WINDOWS", "7")
    settings = read_settings({"port": 4321, "max_windows": None})
    assert (settings.port, settings.max_windows) == (4321, 7)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "70000"),
        ("log_level", "loud"),
        ("stale_after_ms", "nan"),
        ("stale_after_ms", "inf"),
        ("start_timeout_s", "nan"),
        ("start_timeout_s", "0"),
        ("host", ""),
        ("allowed_origins", "gloves.example"),
        ("allowed_origins", "https://gloves.example/"),
        ("max_windows", "0"),
        ("root_path", "gloves"),
        ("trusted_proxies", "*"),
    ],
)
def test_unusable_setting_is_bad_usage_that_names_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    monkeypatch.chdir(tmp_path)
    variable = f"SCALEGLOVE_{name.upper()}"
    option = f"--{name.replace('_', '-')}"
    with pytest.raises(typer.BadParameter, match=r"give|origin") as caught:
        read_settings({name: value})
    assert caught.value.exit_code == 2
    assert caught.value.format_message().startswith(f"Invalid value for {option} ({variable}): ")
    monkeypatch.setenv(variable, value)
    with pytest.raises(typer.BadParameter, match=r"give|origin"):
        read_settings({})


@pytest.mark.parametrize(
    ("arguments", "status", "expected"),
    [
        (["--port", "70000"], 2, "--port"),
        (["--host", ""], 2, "--host"),
        (["--host", "a..b", "--port", "0"], 1, "cannot listen on a..b"),
        (["--host", "0.0.0.0", "--port", "0"], 1, "set SCALEGLOVE_TOKENS"),
        (["--host", "::", "--port", "0"], 1, "set SCALEGLOVE_TOKENS"),
        (["--tokens-file", "nowhere.json"], 1, "tokens_file: cannot read nowhere.json"),
    ],
)
def test_fault_is_one_line_and_a_status(tmp_path: Path, arguments: list[str], status: int, expected: str) -> None:
    models = ("--models-dir", str(few_models()))
    done = run_command("serve", "--log-level", "warning", *models, *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (status, "", 1)
    assert expected in done.stderr


def test_wrong_tokens_are_reported_and_not_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCALEGLOVE_TOKENS", '[{"name": "lab", "token": "s3cret", "role": "sender"}]')
    with pytest.raises(typer.BadParameter) as caught:
        read_settings({})
    expected = "Invalid value for SCALEGLOVE_TOKENS: 0.token: a token must have 16 to 256 characters"
    assert caught.value.format_message() == expected


def test_an_env_file_that_is_not_text_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(b"SCALEGLOVE_MODEL=\xff\xfe")
    with pytest.raises(typer.BadParameter, match="not UTF-8") as caught:
        read_settings({})
    assert caught.value.format_message() == "Invalid value for .env: the file is not UTF-8 text"


def settings(models_dir: Path, **changes: object) -> Settings:
    return Settings(_env_file=None, models_dir=models_dir, **changes)


def test_a_taken_port_is_reported(artefact_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ListenError, match=f"cannot listen on 127.0.0.1 port {port}"):
            Server(settings(artefact_path.parent, port=port), print)


def test_a_host_of_another_machine_is_reported(artefact_path: Path) -> None:
    with pytest.raises(ListenError, match=r"cannot listen on 192\.0\.2\.1 port"):
        Server(settings(artefact_path.parent, host="192.0.2.1"), print)


def test_models_that_cannot_be_served_are_reported(artefact_path: Path, tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="no model artefact"):
        Server(settings(tmp_path), print)
    with pytest.raises(ArtefactError, match=r"no model is called GPT; set --model \(SCALEGLOVE_MODEL\) to one of "):
        Server(settings(artefact_path.parent, model="GPT"), print)
    (tmp_path / "broken.onnx").write_bytes(artefact_path.read_bytes()[:1000])
    with pytest.raises(ArtefactError, match=r"broken\.onnx"):
        Server(settings(tmp_path), print)
