"""Gloves with a profile, on streams and in requests: whatever the glove reads, the model answers as for its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from models.adaptation.front_end import FINGERS, LEAN, FrontEnd, gravity, lean
from models.adaptation.glove_profile import GloveProfile, profile_of
from models.runtime.artefact import Artefact
from scaleglove.channels import FLEX
from scaleglove.letters import LETTERS
from service.wearers.glove_archive import FILE, ExportedGlove, ExportedGloveProfile
from tests.deadlines import EVENT_S
from tests.models.adaptation.test_front_end import turn
from tests.service.conftest import Service, running
from tests.service.slices import run_slices
from tests.service.sockets import binary_frames, even, read, read_to_end, streams
from tests.service.wearers.conftest import forget_all

Draw = Callable[..., np.ndarray]

HOP = 5
"""Frames between two predictions."""

OTHER = FrontEnd(
    gain=np.array([0.25, -0.25, 0.25, -0.3, 1 / 1000]),
    offset=np.array([-20.0, 1024.0, 30.0, 1200.0, 700.0]),
    rotation=turn(3),
)
"""What another glove needs: 12 bits, two sensors the other way round, one of a large resistor, and another mounting."""


def read_by_another(frames: np.ndarray) -> np.ndarray:
    """Return what that glove reads where the model's glove reads `frames` float32[n, 8]."""
    out = frames.astype(np.float64)
    out[:, FLEX] = (out[:, FLEX] - OTHER.offset) / OTHER.gain
    out[:, LEAN] = lean(gravity(out[:, LEAN]) @ OTHER.rotation)
    return out.astype(np.float32)


def glove_file(name: str, *profiles: GloveProfile, usb: str | None = None) -> bytes:
    """Return the export of a glove with these profiles; the last is active."""
    stored = [
        ExportedGloveProfile(version=version, profile=profile.as_dict(), findings=[], created_at=0)
        for version, profile in enumerate(profiles, 1)
    ]
    glove = ExportedGlove(glove=name, created_at=0, profiles=stored, active=len(profiles) or None, usb=usb)
    return run_slices(FILE.pack(glove))


def import_glove(service: Service, name: str, *profiles: GloveProfile) -> None:
    """Add a glove with these profiles, or replace it; the last is active."""
    url = f"{service.url}/v1/gloves/import?replace=true"
    assert httpx.post(url, content=glove_file(name, *profiles), timeout=EVENT_S).status_code == 201


@pytest.fixture(scope="module")
def service_of_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    database = tmp_path_factory.mktemp("gloves") / "gloves.db"
    with running(database_url=f"sqlite:///{database}", self_calibration=False) as service:
        yield service


@pytest.fixture
def blue(service_of_module: Service, artefact: Artefact) -> Service:
    """Return a service that knows the glove "blue", which reads as `read_by_another` says, and nothing of earlier
    tests."""
    assert artefact.readings is not None
    forget_all(service_of_module)
    import_glove(service_of_module, "blue", profile_of(OTHER, artefact.readings))
    return service_of_module


def labels(service: Service, frames: np.ndarray, **start: Any) -> list[tuple[str, str | None]]:
    """Return state and label of each prediction of a stream."""
    with service.stream(**start) as (socket, _):
        socket.send(binary_frames(0, even(0, len(frames)), frames))
        socket.send('{"type": "stop"}')
        messages, _ = read_to_end(socket)
        return [(each["state"], each["label"]) for each in messages if each["type"] == "prediction"]


def predicted(service: Service, frames: np.ndarray, **options: Any) -> dict[str, Any]:
    body = {"windows": [frames.tolist()], **options}
    response = httpx.post(f"{service.url}/v1/predict", json=body, timeout=EVENT_S)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()["predictions"][0]
    return answer


@pytest.mark.parametrize("letter", [0, 7, 14])
def test_a_known_glove_is_answered_as_the_models_own(blue: Service, glove: Draw, letter: int) -> None:
    own = glove(120, letter)
    expected = labels(blue, own)
    assert len({label for state, label in expected if state == "ok"}) == 1
    assert labels(blue, read_by_another(own), glove="blue") == expected
    as_own, as_blue = predicted(blue, own[-60:]), predicted(blue, read_by_another(own[-60:]), glove="blue")
    assert as_blue["label"] == as_own["label"] is not None
    assert as_blue["confidence"] == pytest.approx(as_own["confidence"], abs=0.1)  # more is known of the hand


def test_started_names_the_glove_and_its_version(blue: Service) -> None:
    with blue.stream(glove="blue") as (_, started):
        assert (started["glove"], started["glove_profile"], started["wearer"]) == ("blue", 1, None)
    with blue.stream() as (_, started):
        assert (started["glove"], started["glove_profile"]) == (None, None)


def test_what_a_glove_lacks_is_not_used(blue: Service, glove: Draw, artefact: Artefact) -> None:
    assert artefact.readings is not None
    import_glove(blue, "blue", profile_of(FrontEnd(), artefact.readings, ("flex3",)))
    frames = glove(60, 7)
    wrong = frames.copy()
    wrong[:, 2] = np.linspace(0, 1023, len(wrong))
    assert predicted(blue, wrong, glove="blue") == predicted(blue, frames, glove="blue")
    assert labels(blue, wrong, glove="blue") == labels(blue, frames, glove="blue")


def test_a_new_profile_reaches_a_running_stream(blue: Service, glove: Draw, artefact: Artefact) -> None:
    assert artefact.readings is not None
    frames = glove(400, 7)
    letter = labels(blue, frames)[-1][1]
    wrong = FrontEnd(gain=np.ones(FINGERS), offset=np.full(FINGERS, -900.0))
    import_glove(blue, "blue", profile_of(OTHER, artefact.readings), profile_of(wrong, artefact.readings))
    with blue.stream(glove="blue") as (socket, started):
        assert started["glove_profile"] == 2
        url = f"{blue.url}/v1/gloves/blue/profiles/1/activate"
        assert httpx.post(url, timeout=EVENT_S).status_code == 200
        found: list[str | None] = []
        for begin in range(0, len(frames), HOP):
            part = read_by_another(frames[begin : begin + HOP])
            socket.send(binary_frames(begin, even(begin, HOP), part))
            while (answer := read(socket))["type"] != "prediction":
                pass
            found.append(answer["label"])
            if answer["label"] == letter:
                break
        assert found[-1] == letter, found


@pytest.mark.parametrize("name", ["red", "new"])
def test_a_glove_without_a_profile_is_refused(blue: Service, started: Callable[..., Any], name: str) -> None:
    import_glove(blue, "new")
    code = {"red": "unknown_glove", "new": "no_glove_profile"}[name]
    with blue.socket() as socket:
        socket.send(json.dumps(started(glove=name)))
        ((error,), closed) = read_to_end(socket)
    assert (error["type"], error["code"], error["field"], closed) == ("error", code, "glove", 1008)
    body = {"windows": [[[800.0] * 8] * 20], "glove": name}
    assert httpx.post(f"{blue.url}/v1/predict", json=body, timeout=EVENT_S).json()["code"] == code


def test_a_wearers_own_front_end_goes_first(blue: Service, glove: Draw) -> None:
    url = f"{blue.url}/v1/wearers"
    assert httpx.post(url, json={"wearer": "ada"}).status_code == 201
    for label, seed in (("ㄱ", 0), ("ㄴ", 1), ("ㅏ", 14)):
        body = {"label": label, "frames": glove(60, seed).tolist()}
        assert httpx.post(f"{url}/ada/examples", json=body, timeout=EVENT_S).status_code == 201
    assert httpx.post(f"{url}/ada/calibrate", timeout=EVENT_S).status_code == 200
    window = glove(60, 14)
    both = predicted(blue, window, glove="blue", wearer="ada")
    assert both == predicted(blue, window, wearer="ada")
    assert labels(blue, window, glove="blue", wearer="ada") == labels(blue, window, wearer="ada")


def test_another_model_answers_for_the_same_glove(blue: Service, glove: Draw) -> None:
    own = glove(200, 7)
    with blue.stream(glove="blue") as (socket, started):
        url = f"{blue.url}/v1/streams/{started['stream']}/model"
        assert httpx.put(url, json={"model": "MSCSGRU_ScaleAware"}, timeout=EVENT_S).status_code == 200
        socket.send(binary_frames(0, even(0, len(own)), read_by_another(own)))
        socket.send('{"type": "stop"}')
        messages, _ = read_to_end(socket)
    found = [(each["state"], each["label"]) for each in messages if each["type"] == "prediction"]
    assert found == labels(blue, own, model="MSCSGRU_ScaleAware")


USB = "10c4:ea60:0F3A21"


def tie(service: Service, name: str, **options: Any) -> None:
    url = f"{service.url}/v1/gloves/{name}/usb"
    assert httpx.put(url, json={"usb": USB}, params=options, timeout=EVENT_S).status_code == 200


def chosen(message: dict[str, Any]) -> tuple[str | None, int | None, str | None]:
    return message["glove"], message["glove_profile"], message["glove_by"]


def test_a_glove_is_chosen_by_the_serial_number_of_its_board(blue: Service, glove: Draw) -> None:
    own = glove(120, 7)
    tie(blue, "blue")
    assert labels(blue, read_by_another(own), usb=USB) == labels(blue, own)
    for start, expected in (
        ({"usb": USB}, ("blue", 1, "usb")),
        ({"usb": "10C4:EA60:0f3a21"}, ("blue", 1, "usb")),
        ({"usb": USB, "glove": "blue"}, ("blue", 1, "name")),
        ({"usb": "10c4:ea60:OTHER"}, (None, None, None)),
        ({"usb": "1a86:7523"}, (None, None, None)),
    ):
        with blue.stream(**start) as (_, started):
            assert chosen(started) == expected
            listed = streams(blue)[started["stream"]]
            assert (listed["glove"], listed["glove_profile"]) == expected[:2]
            assert listed["usb"] == (USB if start["usb"].upper() == USB.upper() else start["usb"])


def test_a_named_glove_goes_before_the_one_of_the_serial_number(blue: Service, artefact: Artefact) -> None:
    assert artefact.readings is not None
    import_glove(blue, "green", profile_of(OTHER, artefact.readings))
    tie(blue, "blue")
    with blue.stream(usb=USB, glove="green") as (_, started):
        assert chosen(started) == ("green", 1, "name")


def test_a_tied_glove_without_a_profile_is_no_error(blue: Service) -> None:
    import_glove(blue, "new")
    tie(blue, "new")
    with blue.stream(usb=USB) as (_, started):
        assert chosen(started) == ("new", None, "usb")
        assert streams(blue)[started["stream"]]["glove"] == "new"


def test_a_check_and_a_tie_reach_the_stream_that_is_running(blue: Service, artefact: Artefact) -> None:
    assert artefact.readings is not None
    with blue.stream(usb=USB) as (socket, started):
        assert chosen(started) == (None, None, None)
        import_glove(blue, "new")
        tie(blue, "new")
        assert chosen(read(socket)) == ("new", None, "usb")
        file = glove_file("new", profile_of(OTHER, artefact.readings), usb=USB)
        url = f"{blue.url}/v1/gloves/import?replace=true"
        assert httpx.post(url, content=file, timeout=EVENT_S).status_code == 201
        assert chosen(changed := read(socket)) == ("new", 1, "usb")
        assert changed["type"] == "glove_profile"
        tie(blue, "blue", replace=True)
        assert chosen(read(socket)) == ("blue", 1, "usb")
        with blue.socket(f"/v1/streams/{started['stream']}/watch") as viewer:
            assert [chosen(read(viewer)) for _ in range(2)] == [chosen(started), ("blue", 1, "usb")]


def test_a_glove_that_is_untied_stays_on_the_hand(blue: Service, glove: Draw) -> None:
    own = glove(120, 7)
    tie(blue, "blue")
    with blue.stream(usb=USB) as (socket, _):
        assert httpx.delete(f"{blue.url}/v1/gloves/blue/usb", timeout=EVENT_S).status_code == 204
        socket.send(binary_frames(0, even(0, len(own)), read_by_another(own)))
        socket.send('{"type": "stop"}')
        messages, _ = read_to_end(socket)
    found = [(each["state"], each["label"]) for each in messages if each["type"] == "prediction"]
    assert found == labels(blue, own)


@pytest.mark.parametrize("usb", ["0F3A21", "10c4:ea60:", "10c4:ea60:" + "x" * 200, 5])
def test_a_board_that_is_none_is_refused_by_its_field(blue: Service, started: Callable[..., Any], usb: Any) -> None:
    with blue.socket() as socket:
        socket.send(json.dumps(started(usb=usb)))
        ((error,), _) = read_to_end(socket)
    assert (error["code"], error["field"]) == ("bad_message", "usb")


def test_a_serial_number_needs_no_database(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.write_text("a file where a folder is due")
    with running(database_url=f"sqlite:///{folder}/gloves.db") as service, service.stream(usb=USB) as (_, started):
        assert chosen(started) == (None, None, None)


def _calibrate(service: Service, wearer: str, windows: list[np.ndarray], **options: str) -> None:
    """Calibrate a new wearer with one window for each of as many letters."""
    assert httpx.post(f"{service.url}/v1/wearers", json={"wearer": wearer}, timeout=EVENT_S).status_code == 201
    for letter, window in zip(LETTERS, windows, strict=False):
        example = {"label": letter, "frames": window.tolist()}
        url = f"{service.url}/v1/wearers/{wearer}/examples"
        assert httpx.post(url, json=example, timeout=EVENT_S).status_code == 201
    url = f"{service.url}/v1/wearers/{wearer}/calibrate"
    assert httpx.post(url, json=options, timeout=EVENT_S).status_code == 200


def test_examples_of_few_letters_are_read_with_the_gloves_own_profile(blue: Service, glove: Draw) -> None:
    """They are too few to tell how the glove reads, and a wearer's profile goes before the glove's."""
    own = [glove(40, letter) for letter in range(3)]
    others = [read_by_another(window) for window in own]
    _calibrate(blue, "own", own)
    _calibrate(blue, "named", others, glove="blue")
    _calibrate(blue, "unnamed", others)
    for letter in range(0, 24, 5):
        frames = glove(60, letter)
        expected = predicted(blue, frames, wearer="own")
        named = predicted(blue, read_by_another(frames), wearer="named")
        assert [each["label"] for each in named["top_k"]] == [each["label"] for each in expected["top_k"]]
        assert named["top_k"][0]["confidence"] == pytest.approx(expected["top_k"][0]["confidence"], abs=1e-2)
    unnamed = predicted(blue, read_by_another(glove(60, 4)), wearer="unnamed")
    assert unnamed["top_k"] != predicted(blue, glove(60, 4), wearer="own")["top_k"]


def test_a_calibration_with_a_glove_that_nobody_knows_is_refused(blue: Service) -> None:
    httpx.post(f"{blue.url}/v1/wearers", json={"wearer": "ada"}, timeout=EVENT_S)
    refused = httpx.post(f"{blue.url}/v1/wearers/ada/calibrate", json={"glove": "red"}, timeout=EVENT_S)
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (404, "unknown_glove", "glove")
