"""What the Arduino sketch is a layer over, compiled for this computer, before a real service."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaleglove.letter_templates import load_templates
from scaleglove.letters import LETTERS
from tests.conftest import ROOT
from tests.deadlines import EVENT_S
from tests.live_service import live_service

CLIENT = ROOT / "clients" / "arduino"
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror", "-std=c99"]
SANITIZERS = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
SENDER = "sender-0123456789"
WINDOW_FRAMES = 40

_READ = """
#include "window.h"
#include <stdio.h>
int main(void) {
    static char answer[65536];
    struct sg_letter letter;
    answer[fread(answer, 1, sizeof answer - 1, stdin)] = 0;
    bool is_read = sg_read_answer(answer, &letter);
    printf("%d|%s|%s|%.7f", is_read, letter.state, letter.label, (double)letter.confidence);
    return 0;
}
"""


def built(folder: Path, *sources: Path) -> Path:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler: install one (apt install gcc libc6-dev)")
    program = folder / sources[0].stem
    library = CLIENT / "scaleglove_wifi"
    arguments = [*WARNINGS, *SANITIZERS, "-I", library, *sources, library / "window.c", "-o", program]
    done = subprocess.run([compiler, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return program


@pytest.fixture(scope="module")
def post_frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("arduino"), CLIENT / "host" / "post_frames.c")


@pytest.fixture(scope="module")
def read_answer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("answer")
    source = folder / "read_answer.c"
    source.write_text(_READ)
    return built(folder, source)


@pytest.fixture(scope="module")
def locked_url() -> Iterator[str]:
    with live_service(tokens=json.dumps([{"name": "glove", "token": SENDER, "role": "sender"}])) as server:
        yield server.url


def posted(program: Path, url: str, frames: np.ndarray, *token: str) -> subprocess.CompletedProcess[str]:
    host, _, port = url.removeprefix("http://").partition(":")
    lines = "\n".join(" ".join(f"{value:.9g}" for value in frame) for frame in frames)
    return subprocess.run([program, host, port, *token], input=lines, capture_output=True, text=True, check=False)


def read_answer_of(answer: bytes, program: Path) -> list[str]:
    done = subprocess.run([program], input=answer, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode(errors="replace").split("|")


@pytest.mark.parametrize("letter", ["ㄱ", "ㅏ", "ㅎ"])
@pytest.mark.parametrize("count", [WINDOW_FRAMES - 1, WINDOW_FRAMES, 100])
def test_the_letter_of_the_newest_window(post_frames: Path, locked_url: str, letter: str, count: int) -> None:
    rng = np.random.default_rng(LETTERS.index(letter))
    mean = np.array(load_templates().letters[letter].mean)
    frames = (mean + rng.normal(0, 0.3, (count, 8))).astype(np.float32)
    done = posted(post_frames, locked_url, frames, SENDER)
    assert done.returncode == 0, done.stderr
    state, label, confidence = done.stdout.split()
    body = {"windows": [frames[-WINDOW_FRAMES:].astype(float).tolist()], "sample_rate_hz": 50}
    asked = httpx.post(
        f"{locked_url}/v1/predict", json=body, headers={"Authorization": f"Bearer {SENDER}"}, timeout=EVENT_S
    )
    (expected,) = asked.json()["predictions"]
    assert (state, label) == (expected["state"], expected["label"])
    assert float(confidence) == pytest.approx(expected["confidence"], abs=6e-4)


def test_a_refusal_is_no_letter(post_frames: Path, locked_url: str) -> None:
    done = posted(post_frames, locked_url, np.zeros((WINDOW_FRAMES, 8)))
    assert done.returncode == 1
    assert "401" in done.stderr
    assert done.stdout == ""


def test_an_answer_that_is_cut_off_anywhere_is_no_letter(read_answer: Path) -> None:
    prediction = {"label": "ㅎ", "index": 13, "confidence": 0.75, "top_k": [], "scale_importance": {}, "state": "ok"}
    body = json.dumps({"model": {"name": "M"}, "predictions": [prediction]}, ensure_ascii=False, separators=(",", ":"))
    whole = b"HTTP/1.1 200 OK\r\n\r\n" + body.encode()
    assert read_answer_of(whole, read_answer) == ["1", "ok", "ㅎ", "0.7500000"]
    for length in range(0, len(whole) - 1, 7):
        assert read_answer_of(whole[:length], read_answer) == ["0", "", "", "0.0000000"]
    rejected = whole.replace('"label":"ㅎ"'.encode(), b'"label":null').replace(b'"ok"', b'"rejected"')
    assert read_answer_of(rejected.replace(b"0.75", b"null"), read_answer) == ["1", "rejected", "", "0.0000000"]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    middle=st.binary(max_size=200), value=st.sampled_from([b'"label":"', b'"state":"', b'"confidence":', b"]}", b"{"])
)
def test_no_answer_leads_astray(read_answer: Path, middle: bytes, value: bytes) -> None:
    """Whatever comes, nothing is read or written beyond what is there: the sanitizers would end the program."""
    read_answer_of(b'HTTP/1.1 200 OK\r\n\r\n{"predictions":[{' + middle + value + middle + b"]}", read_answer)
