"""Export from one service and import in another, over HTTP; a damaged file changes nothing."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import orjson
import pytest

from scaleglove.content_digest import content_digest
from service.wearers.archive import FILE, ExportedWearer
from service.wearers.database import Database
from service.wearers.profiles import ProfileStore
from service.wearers.store import WearerStore
from tests.deadlines import EVENT_S
from tests.service.conftest import running
from tests.service.slices import run_slices
from tests.service.wearers.conftest import Show, Wearers, refusal

ENORMOUS = b64encode(np.full(30, 3e38, "<f4").tobytes()).decode()


def import_file(wearers: Wearers, file: bytes, replace: bool = False) -> httpx.Response:
    return httpx.post(
        f"{wearers.url}/import", content=file, params={"replace": replace} if replace else {}, timeout=EVENT_S
    )


def calibrated(wearers: Wearers, name: str, letters: str = "ㄱㄴㄷ") -> bytes:
    """Return the file of a user with two profiles, of which the first is active."""
    wearers.create(name, letters)
    for _ in range(2):
        assert wearers.post(f"/{quote(name)}/calibrate").status_code == 200
    assert wearers.post(f"/{quote(name)}/profiles/1/activate").status_code == 200
    response = httpx.get(f"{wearers.url}/{quote(name)}/export")
    assert response.status_code == 200
    assert "attachment" in response.headers["content-disposition"]
    return response.content


def test_from_one_service_to_another(wearers: Wearers, wearers_database: str, tmp_path: Path, show: Show) -> None:
    file = calibrated(wearers, "김하나")
    there = f"sqlite:///{tmp_path}/there.db"
    with running(database_url=there) as service:
        others = Wearers(service, show)
        assert import_file(others, file).status_code == 201
        assert others.get("/김하나") == wearers.get("/김하나")
        assert httpx.get(f"{others.url}/김하나/export").content == file
        with service.stream(wearer="김하나") as (_, started):
            assert started["profile"] == 1
    here, gone = Database(wearers_database), Database(there)
    for mine, theirs in zip(WearerStore(here).windows("김하나"), WearerStore(gone).windows("김하나"), strict=True):
        np.testing.assert_array_equal(mine.window, theirs.window)
    mine_active, theirs_active = (ProfileStore(one).active("김하나", wearers.model) for one in (here, gone))
    assert mine_active is not None
    assert theirs_active is not None
    np.testing.assert_array_equal(mine_active.embeddings, theirs_active.embeddings)
    here.close()
    gone.close()


def test_an_existing_wearer_is_replaced_on_request_only(wearers: Wearers) -> None:
    file = calibrated(wearers, "ada")
    wearers.add("ada", "ㅎ")
    now = wearers.get("/ada")
    assert refusal(import_file(wearers, file)) == (409, "wearer_exists", "wearer")
    assert wearers.get("/ada") == now
    with wearers.service.stream(wearer="ada") as (socket, _):
        wearers.post("/ada/profiles/2/activate")
        assert orjson.loads(socket.recv(timeout=EVENT_S))["version"] == 2
        assert import_file(wearers, file, replace=True).status_code == 201
        assert orjson.loads(socket.recv(timeout=EVENT_S))["version"] == 1
    assert "ㅎ" not in wearers.get("/ada")["examples"]
    assert wearers.post("/ada/calibrate").json()["version"] == 3  # versions continue


def test_a_damaged_file_changes_nothing(wearers: Wearers) -> None:
    file = calibrated(wearers, "ada")
    now = wearers.get("/ada")
    document = orjson.loads(file)
    document["content"]["profiles"][0]["embeddings"] = document["content"]["profiles"][1]["embeddings"][::-1]
    damaged = orjson.dumps(document)
    assert refusal(import_file(wearers, damaged, replace=True)) == (422, "bad_export", "sha256")
    assert refusal(import_file(wearers, file[:-100], replace=True))[:2] == (422, "bad_export")
    assert wearers.get("/ada") == now
    with wearers.service.stream(wearer="ada") as (_, started):
        assert started["profile"] == 1
    assert refusal(httpx.get(f"{wearers.url}/eve/export")) == (404, "unknown_wearer", "wearer")


def test_a_profile_of_another_artefact_is_refused_on_use(wearers: Wearers) -> None:
    """The file states the digest of this artefact."""
    content = orjson.loads(calibrated(wearers, "ada"))["content"]
    for profile in content["profiles"]:
        profile["embeddings"] = b64encode(np.ones((len(profile["labels"]), 3), "<f4").tobytes()).decode()
    file = run_slices(FILE.pack(ExportedWearer.model_validate(content)))
    assert import_file(wearers, file, replace=True).status_code == 201
    body = {"windows": [[[1] * 8] * 20], "wearer": "ada"}
    answer = httpx.post(f"{wearers.service.url}/v1/predict", json=body)
    assert refusal(answer) == (409, "profile_mismatch", "wearer")
    assert "3 numbers" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"created_at": 1e18}, "content.created_at"),
        ({"profiles.0.version": 2**31 - 1}, "content.profiles.0.version"),
        ({"profiles.0.embeddings": ENORMOUS}, "content.profiles.0.embeddings"),
        ({"examples.0.created_at": 1e18}, "content.examples.0.created_at"),
    ],
)
def test_what_cannot_be_used_is_not_imported(wearers: Wearers, change: dict[str, Any], field: str) -> None:
    document = orjson.loads(calibrated(wearers, "ada"))
    for path, value in change.items():
        *way, last = path.split(".")
        part = document["content"]
        for step in way:
            part = part[int(step) if step.isdigit() else step]
        part[last] = value
    document["sha256"] = content_digest(document["content"])
    assert refusal(import_file(wearers, orjson.dumps(document), replace=True)) == (422, "bad_export", field)
