from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from service.http import problem_handlers


@pytest.mark.parametrize("path", ["/v1/wearers/import", "/v2/infer"])
async def test_a_shortage_of_memory_is_no_fault_of_the_request(path: str) -> None:
    app = FastAPI()
    problem_handlers.install(app)

    @app.post(path, responses={503: {}})
    async def route() -> None:
        raise MemoryError

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        response = await client.post(path)
    assert response.status_code == 503
    assert "too little memory" in response.text
    assert path.startswith("/v2") or response.json()["code"] == "out_of_memory"
