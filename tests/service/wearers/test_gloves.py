"""Gloves and their profiles over HTTP, on a real service with a real database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import orjson
import pytest

from models.adaptation.glove_check import STEPS
from models.adaptation.glove_profile import GloveProfile, front_end_of
from models.runtime.artefact import Artefact
from scaleglove.channels import FLEX
from scaleglove.content_digest import content_digest
from service.wearers.limits import KEPT_PROFILES
from tests.deadlines import EVENT_S
from tests.models.adaptation.test_glove_check import session
from tests.models.adaptation.test_sensor_fit import another_glove, hand
from tests.service.conftest import Service, running
from tests.service.wearers.conftest import forget_all, refusal


class Gloves:
    """Client of `/v1/gloves` of a service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.url = f"{service.url}/v1/gloves"

    def post(self, path: str, body: Any = None) -> httpx.Response:
        return httpx.post(self.url + path, json=body, timeout=EVENT_S)

    def get(self, path: str = "") -> Any:
        response = httpx.get(self.url + path, timeout=EVENT_S)
        assert response.status_code == 200, response.text
        return response.json()

    def calibrate(self, name: str, **body: Any) -> httpx.Response:
        return self.post(f"/{name}/calibrate", body or {"steps": steps()})

    def judge(self, **body: Any) -> httpx.Response:
        return httpx.post(f"{self.service.url}/v1/glove-checks", json=body, timeout=EVENT_S)

    def create(self, name: str) -> None:
        assert self.post("", {"glove": name}).status_code == 201
        assert self.calibrate(name).status_code == 200

    def tie(self, name: str, usb: str, **options: Any) -> httpx.Response:
        return httpx.put(f"{self.url}/{name}/usb", json={"usb": usb}, params=options, timeout=EVENT_S)

    def ties(self) -> dict[str, str | None]:
        return {one["glove"]: one["usb"] for one in self.get()["gloves"]}

    def import_file(self, file: bytes, replace: bool = False) -> httpx.Response:
        parameters = {"replace": replace} if replace else {}
        return httpx.post(f"{self.url}/import", content=file, params=parameters, timeout=EVENT_S)


@pytest.fixture
def gloves(wearers_service: Service) -> Gloves:
    """Return the API of a service without the gloves of earlier tests."""
    forget_all(wearers_service)
    return Gloves(wearers_service)


def steps(change: Callable[[np.ndarray], None] = lambda frames: None) -> dict[str, Any]:
    """Return the steps of a check as JSON, after `change` of each step's frames."""
    shown = session()
    for frames in shown.values():
        change(frames)
    return {
        step: [[None if np.isnan(value) else value for value in row] for row in frames.tolist()]
        for step, frames in shown.items()
    }


def test_a_glove_from_beginning_to_end(gloves: Gloves) -> None:
    created = gloves.post("", {"glove": "파란"})
    assert created.status_code == 201
    assert created.json() == {
        "glove": "파란", "active": None, "usb": None, "profiles": [], "created_at": created.json()["created_at"],
    }  # fmt: skip
    assert refusal(gloves.post("", {"glove": "파란"})) == (409, "glove_exists", "glove")
    checked = gloves.calibrate("파란")
    assert checked.status_code == 200, checked.text
    result = checked.json()
    assert (result["version"], result["active"]) == (1, True)
    assert [finding["code"] for finding in result["findings"]] == ["moves"] * 6
    assert all(finding["text"] for finding in result["findings"])
    assert gloves.calibrate("파란", steps=steps(), hand="left").json()["version"] == 2
    glove = gloves.get("/파란")
    assert glove["active"] == 2
    assert glove["profiles"] == gloves.get("/파란/profiles")["profiles"]
    assert [profile["active"] for profile in glove["profiles"]] == [False, True]
    assert [profile["profile"]["hand"] for profile in glove["profiles"]] == ["right", "left"]
    assert gloves.post("/파란/profiles/1/activate").json()["version"] == 1
    assert [one["active"] for one in gloves.get()["gloves"]] == [1]
    assert refusal(gloves.post("/파란/profiles/7/activate")) == (404, "unknown_profile", "version")
    assert httpx.delete(f"{gloves.url}/파란").status_code == 204
    assert gloves.get() == {"gloves": []}
    for response in (gloves.calibrate("파란"), httpx.get(f"{gloves.url}/파란"), httpx.delete(f"{gloves.url}/파란")):
        assert refusal(response) == (404, "unknown_glove", "glove")


def test_what_is_wrong_is_found_finger_by_finger(gloves: Gloves) -> None:
    def rewire(frames: np.ndarray) -> None:
        frames[:, FLEX] *= 4
        frames[:, 0] = 4095 - frames[:, 0]
        frames[:, 1] = 2000
        frames[:, [2, 3]] = frames[:, [3, 2]]
        frames[:, 4] = np.nan

    gloves.create("blue")
    result = gloves.calibrate("blue", steps=steps(rewire)).json()
    codes = {finding["channel"]: (finding["code"], finding["follows"]) for finding in result["findings"]}
    assert codes == {
        "flex1": ("reversed", None),
        "flex2": ("does_not_move", None),
        "flex3": ("follows_neighbour", "ring"),
        "flex4": ("follows_neighbour", "middle"),
        "flex5": ("does_not_move", None),
        "pitch": ("moves", None),
    }
    assert result["profile"]["missing"] == ["flex2", "flex3", "flex4", "flex5"]


def test_a_check_is_judged_step_by_step_and_nothing_is_stored(gloves: Gloves) -> None:
    shown = steps(lambda frames: frames.__setitem__((slice(None), [2, 3]), frames[:, [3, 2]]))
    assert gloves.judge(steps={}).json() == {"findings": [], "needed": ["open", "fist"]}
    so_far, needed = {}, []
    for step, frames in shown.items():
        so_far[step] = frames
        answer = gloves.judge(steps=so_far, hand="left")
        assert answer.status_code == 200, answer.text
        needed.append(answer.json()["needed"])
    assert needed == [["fist"], *[[]] * (len(STEPS) - 1)]
    assert gloves.get() == {"gloves": []}
    gloves.post("", {"glove": "blue"})
    assert gloves.calibrate("blue", steps=shown).json()["findings"] == answer.json()["findings"]
    assert [finding["follows"] for finding in answer.json()["findings"]] == [None, None, "ring", "middle", None, None]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "steps"),
        ({"steps": {"open": [[1.0] * 8] * 2}}, "steps.open"),
        ({"steps": {"open": [[1.0] * 7] * 20}}, "steps.open.0"),
        ({"steps": {"wave": [[1.0] * 8] * 20}}, "steps.wave.[key]"),
        ({"steps": {}, "shapes": []}, "shapes"),
        ({"steps": {}, "hand": "both"}, "hand"),
    ],
)
def test_steps_that_cannot_be_judged_are_refused_by_their_field(
    gloves: Gloves, body: dict[str, Any], field: str
) -> None:
    assert refusal(gloves.judge(**body)) == (422, "invalid_request", field)


def test_shapes_without_labels_are_enough_for_a_coarse_profile(gloves: Gloves, artefact: Artefact) -> None:
    readings = artefact.readings
    assert readings is not None
    shapes, _ = hand(0)
    frames = another_glove(shapes[::2], seed=2, usual_axes=True)
    gloves.create("blue")
    answer = gloves.calibrate("blue", shapes=frames.tolist())
    assert answer.status_code == 200, answer.text
    profile = GloveProfile.from_dict(answer.json()["profile"])
    flex = front_end_of(profile, readings).apply(frames)[:, FLEX]
    assert np.percentile(flex, 5, axis=0) == pytest.approx(readings.low, abs=1)
    assert np.percentile(flex, 95, axis=0) == pytest.approx(readings.high, abs=1)
    assert answer.json()["findings"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, None),
        ({"steps": {}, "shapes": [[1.0] * 8] * 10}, None),
        ({"steps": {"open": [[1.0] * 8] * 20}}, "steps.fist"),
        ({"steps": {"open": [[1.0] * 8] * 2, "fist": [[1.0] * 8] * 20}}, "steps.open"),
        ({"steps": {"open": [[1.0] * 7] * 20}}, "steps.open.0"),
        ({"steps": {"open": [["1"] * 8] * 20}}, "steps.open.0.0"),
        ({"steps": {"wave": [[1.0] * 8] * 20}}, "steps.wave.[key]"),
        ({"shapes": [[1.0] * 8] * 3}, "shapes"),
        ({"steps": {}, "hand": "both"}, "hand"),
    ],
)
def test_a_bad_check_is_refused_by_its_field(gloves: Gloves, body: dict[str, Any], field: str | None) -> None:
    gloves.post("", {"glove": "blue"})
    assert refusal(gloves.post("/blue/calibrate", body)) == (422, "invalid_request", field)


def test_old_versions_go(gloves: Gloves) -> None:
    gloves.post("", {"glove": "blue"})
    few = {step: frames for step, frames in steps().items() if step in STEPS[:2]}
    for _ in range(KEPT_PROFILES + 2):
        assert gloves.calibrate("blue", steps=few).status_code == 200
    versions = [profile["version"] for profile in gloves.get("/blue/profiles")["profiles"]]
    assert versions == list(range(3, KEPT_PROFILES + 3))


def test_from_one_service_to_another(gloves: Gloves, tmp_path: Path) -> None:
    gloves.create("blue")
    gloves.calibrate("blue", steps=steps(lambda frames: frames.__imul__(4)))
    gloves.post("/blue/profiles/1/activate")
    response = httpx.get(f"{gloves.url}/blue/export")
    assert "attachment" in response.headers["content-disposition"]
    assert refusal(gloves.import_file(response.content)) == (409, "glove_exists", "glove")
    with running(database_url=f"sqlite:///{tmp_path}/there.db") as service:
        others = Gloves(service)
        assert others.import_file(response.content).status_code == 201
        assert others.get("/blue") == gloves.get("/blue")
        assert httpx.get(f"{others.url}/blue/export").content == response.content
    gloves.calibrate("blue")
    assert gloves.import_file(response.content, replace=True).status_code == 201
    assert len(gloves.get("/blue")["profiles"]) == 2


def changed(file: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Return the file with another content, and the checksum of it."""
    document = orjson.loads(file)
    change(document["content"])
    document["sha256"] = content_digest(document["content"])
    return orjson.dumps(document)


def test_a_damaged_file_changes_nothing(gloves: Gloves) -> None:
    gloves.create("blue")
    file = httpx.get(f"{gloves.url}/blue/export").content
    before = gloves.get("/blue")
    cases: list[tuple[bytes, str | None]] = [
        (b"", None),
        (file[:-9], None),
        (file.replace(b'"blue"', b'"bleu"'), "sha256"),
        (file.replace(b"scaleglove.glove", b"scaleglove.wearer"), "schema"),
        (changed(file, lambda content: content.update(active=3)), "content"),
        (
            changed(file, lambda content: content["profiles"][0]["profile"].update(hand="x")),
            "content.profiles.0.profile",
        ),
        (changed(file, lambda content: content["profiles"].append(content["profiles"][0])), "content"),
    ]
    for damaged, field in cases:
        assert refusal(gloves.import_file(damaged, replace=True)) == (422, "bad_export", field)
    assert gloves.get("/blue") == before


USB = "10c4:ea60:0F3A21"


def test_a_glove_is_tied_to_one_board_and_a_board_to_one_glove(gloves: Gloves) -> None:
    for name in ("blue", "green"):
        assert gloves.post("", {"glove": name}).status_code == 201
    assert gloves.tie("blue", "10C4:EA60:0f3a21").json()["usb"] == USB
    assert gloves.tie("blue", USB).status_code == 200
    assert refusal(gloves.tie("green", USB)) == (409, "usb_taken", "usb")
    assert gloves.ties() == {"blue": USB, "green": None}
    assert gloves.tie("green", USB, replace=True).json()["usb"] == USB
    assert gloves.ties() == {"blue": None, "green": USB}
    assert gloves.tie("green", "10c4:ea60:OTHER").status_code == 200
    assert gloves.tie("blue", USB).status_code == 200
    assert gloves.ties() == {"blue": USB, "green": "10c4:ea60:OTHER"}
    assert httpx.delete(f"{gloves.url}/blue/usb", timeout=EVENT_S).status_code == 204
    assert httpx.delete(f"{gloves.url}/green", timeout=EVENT_S).status_code == 204
    assert gloves.ties() == {"blue": None}
    assert gloves.tie("blue", "10c4:ea60:OTHER").status_code == 200
    for response in (gloves.tie("red", USB), httpx.delete(f"{gloves.url}/red/usb", timeout=EVENT_S)):
        assert refusal(response) == (404, "unknown_glove", "glove")


@pytest.mark.parametrize(
    ("usb", "code"),
    [
        ("1a86:7523", "no_serial_number"),
        ("0001", "invalid_request"),
        ("10c4:ea60:", "invalid_request"),
        ("10c4:ea60:a\nb", "invalid_request"),
        ("10c4:ea60:" + "x" * 200, "invalid_request"),
    ],
)
def test_what_is_no_board_of_ones_own_is_refused(gloves: Gloves, usb: str, code: str) -> None:
    assert gloves.post("", {"glove": "blue"}).status_code == 201
    assert refusal(gloves.tie("blue", usb)) == (422, code, "usb")
    assert gloves.ties() == {"blue": None}


def test_the_board_is_exported_and_imported_with_the_glove(gloves: Gloves) -> None:
    gloves.create("blue")
    without = httpx.get(f"{gloves.url}/blue/export", timeout=EVENT_S).content
    assert gloves.tie("blue", USB).status_code == 200
    file = httpx.get(f"{gloves.url}/blue/export", timeout=EVENT_S).content
    assert gloves.import_file(file, replace=True).json()["usb"] == USB
    assert gloves.import_file(without, replace=True).json()["usb"] is None
    assert gloves.post("", {"glove": "green"}).status_code == 201
    assert gloves.tie("green", USB).status_code == 200
    assert refusal(gloves.import_file(file, replace=True)) == (409, "usb_taken", "usb")
    assert gloves.ties() == {"blue": None, "green": USB}
    older = orjson.loads(without)
    del older["content"]["usb"]
    older["sha256"] = content_digest(older["content"])
    assert gloves.import_file(orjson.dumps(older), replace=True).status_code == 201
    older["content"]["usb"] = "1a86:7523"
    older["sha256"] = content_digest(older["content"])
    assert refusal(gloves.import_file(orjson.dumps(older), replace=True))[1] == "bad_export"
