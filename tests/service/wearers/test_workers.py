"""Wearers of a service with several workers, as real processes: they share the database and notify each other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.deadlines import EVENT_S
from tests.live_service import few_models
from tests.service.sockets import binary_frames, even, read, read_to_end
from tests.service.wearers.conftest import Show, refusal
from tests.service.workers.test_workers import Crew, crew_of


@pytest.fixture
def crew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    monkeypatch.setenv("SCALEGLOVE_DATABASE_URL", f"sqlite:///{tmp_path}/wearers.db")
    with crew_of(2, few_models()) as crew:
        yield crew
        assert crew.stop() == 0


def test_every_worker_answers_the_same(crew: Crew, show: Show) -> None:
    url = f"{crew.url}/v1/wearers"
    assert httpx.post(url, json={"wearer": "ada"}).status_code == 201
    with ExitStack() as stack:
        opened = [crew.start(stack) for _ in range(2)]  # one at each worker
        for index, (socket, _) in enumerate(opened):
            socket.send(binary_frames(0, even(0, 90), show("ㄱㄴ"[index], frames=90)))
        for label, (socket, name) in zip("ㄱㄴ", opened, strict=True):
            while read(socket).get("state") in {None, "warming"}:
                pass
            for _ in range(2):  # a connection each, so that either worker is asked
                added = httpx.post(f"{url}/ada/examples", json={"label": label, "stream": name})
                assert added.status_code == 201, added.text
            socket.send('{"type": "stop"}')
            assert read_to_end(socket)[1] == 1000
    added = httpx.post(f"{url}/ada/examples", json={"label": "ㄷ", "frames": show("ㄷ").tolist()})
    assert added.status_code == 201
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: httpx.post(f"{url}/ada/calibrate", timeout=EVENT_S), range(4)))
    done = [answer for answer in answers if answer.status_code == 200]
    assert done
    assert all(refusal(answer)[1] == "calibrating" for answer in answers if answer not in done)
    profiles = httpx.get(f"{url}/ada/profiles").json()["profiles"]
    assert [profile["version"] for profile in profiles] == list(range(1, len(done) + 1))
    with ExitStack() as stack:
        sockets = [crew.start(stack, wearer="ada")[0] for _ in range(2)]
        assert httpx.post(f"{url}/ada/profiles/1/activate").status_code == 200
        for socket in sockets:
            changed = read(socket)
            assert (changed["type"], changed["wearer"], changed["version"]) == ("profile", "ada", 1)
        assert httpx.delete(f"{url}/ada").status_code == 204
        for socket in sockets:
            assert read(socket)["version"] is None
