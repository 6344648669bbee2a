"""Requests of the protocol that Triton's client would not send."""

from __future__ import annotations

import gzip
import json
from typing import Any

import httpx
import numpy as np
import pytest

from models.runtime.artefact import Artefact

JSON_SIZE = "Inference-Header-Content-Length"
FRAME = [788.0, 780, 861, 862, 885, -17.9, -64.5, -62]


@pytest.fixture
def path(service: Any, artefact: Artefact) -> str:
    return f"{service.url}/v2/models/{artefact.contract.name}/infer"


def frames(**changes: Any) -> dict[str, Any]:
    return {"name": "frames", "datatype": "FP32", "shape": [1, 10, 8], "data": FRAME * 10} | changes


def test_example_of_the_document_is_true(service: Any, path: str) -> None:
    paths = httpx.get(f"{service.url}/openapi.json").json()["paths"]
    operation = paths["/v2/models/{name}/infer"]["post"]
    assert operation == paths["/v2/models/{name}/versions/{version}/infer"]["post"] | {
        "operationId": operation["operationId"],
        "summary": operation["summary"],
        "parameters": operation["parameters"],
    }
    example = operation["requestBody"]["content"]["application/json"]["example"]
    shown = operation["responses"]["200"]["content"]["application/json"]["example"]
    found = httpx.post(path, json=example).json()
    importance, best = found.pop("outputs")
    shown_importance, shown_best = shown.pop("outputs")
    assert found == shown
    np.testing.assert_allclose(importance.pop("data"), shown_importance.pop("data"), atol=1e-5)
    assert importance == shown_importance
    assert best.pop("data")[0][:6] == shown_best.pop("data")[0][:6]
    assert best == shown_best


def test_answer_is_compressed_only_where_that_is_wanted(path: str) -> None:
    body = {"inputs": [frames(shape=[20, 10, 8], data=FRAME * 200)]}
    plain = httpx.post(path, json=body, headers={"accept-encoding": "identity"})
    packed = httpx.post(path, json=body, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.json() == packed.json()


def test_a_bomb_is_refused(path: str) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    response = httpx.post(path, content=bomb, headers={"content-encoding": "gzip"})
    assert (response.status_code, list(response.json())) == (413, ["error"])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([], "the whole is not an object; give an object"),
        ({}, "inputs: is missing; give it"),
        ({"inputs": 1}, "inputs: is not a list; give a list"),
        ({"inputs": []}, "inputs: "),
        ({"inputs": [frames(), frames()]}, "inputs: "),
        ({"inputs": [frames(data=None)]}, "frames: give data or binary_data_size"),
        ({"inputs": [frames(data=FRAME * 9)]}, "frames: data "),
        ({"inputs": [{k: v for k, v in frames().items() if k != "data"}]}, "frames: give data or binary_data_size"),
        ({"inputs": [frames(data=[1e300] * 80)]}, "frames.0.0.0: "),
        ({"inputs": [frames(shape=[10, 1, 8])], "outputs": [{"name": "letters"}]}, "outputs: 'letters' is unknown"),
        ({"inputs": [frames()], "outputs": [{"name": "embedding"}] * 2}, "outputs: an output is given twice"),
        ({"inputs": [frames()], "outputs": [{"name": "embedding"}] * 500}, "outputs: exceeds"),
        ({"inputs": [frames(shape=[0, 10, 8])]}, "frames: the shape is"),
        ({"inputs": [frames(shape=[-1, -10, 8])]}, "frames: the shape is"),
        ({"inputs": [frames(shape=[1.5])]}, "frames: shape.0: is not a whole number"),
        ({"inputs": [frames(shape=[1] * 9000)]}, "frames: shape: exceeds"),
        ({"inputs": [frames(parameters={"binary_data_size": 320})]}, "frames: 0 bytes do not match"),
        ({"inputs": [frames(parameters={"binary_data_size": -1})]}, "frames: 0 bytes do not match"),
        (
            {"inputs": [frames()], "parameters": {"binary_data_output": 3}},
            "parameters.binary_data_output: is not true or false; give true or false",
        ),
        *(
            (
                {"inputs": [frames(), {"name": "lengths", "datatype": "INT64", "shape": [len(each)], "data": each}]},
                expected,
            )
            for each, expected in (
                ([0], "lengths: must be"),
                ([11], "lengths: must be"),
                ([5, 5], "lengths: 2 values"),
            )
        ),
        (
            {"inputs": [frames()], "outputs": [{"name": "probabilities", "parameters": {"classification": -1}}]},
            "probabilities: classification",
        ),
    ],
)
def test_bad_request_gets_one_clear_error(path: str, body: Any, expected: str) -> None:
    response = httpx.post(path, json=body)
    assert response.headers["content-type"] == "application/json"
    assert (response.status_code, list(response.json())) == (400, ["error"])
    assert response.json()["error"].startswith(expected)
    assert len(response.json()["error"]) < 300


@pytest.mark.parametrize(
    ("content", "size", "expected"),
    [
        (b"{", None, "the whole is not valid JSON: "),
        (b"\xff", None, "the whole is not valid JSON: "),
        (b"[" * 100_000, None, "the whole is "),
        (b"{}", "3", JSON_SIZE),
        (b"{}", "-1", JSON_SIZE),
        (b"{}", "two", JSON_SIZE),
        (
            json.dumps({"inputs": [frames()]}).encode() + b"12345",
            str(len(json.dumps({"inputs": [frames()]}))),
            "binary_data_size: 5 bytes",
        ),
    ],
)
def test_broken_body(path: str, content: bytes, size: str | None, expected: str) -> None:
    response = httpx.post(path, content=content, headers={} if size is None else {JSON_SIZE: size})
    assert (response.status_code, list(response.json())) == (400, ["error"])
    assert response.json()["error"].startswith(expected)


def test_errors_have_the_protocols_form_everywhere(service: Any, path: str) -> None:
    for method, address, status in [
        ("GET", f"{service.url}/v2/nothing", 404),
        ("GET", path, 405),
        ("GET", f"{service.url}/v2/models/GPT", 404),
        ("GET", path.replace("/infer", "/versions/0/config"), 404),
        ("POST", f"{service.url}/v2/repository/models/x/load", 404),
    ]:
        response = httpx.request(method, address)
        assert (response.status_code, list(response.json())) == (status, ["error"]), address


def lengths(datatype: str, *values: int) -> dict[str, Any]:
    return {"name": "lengths", "datatype": datatype, "shape": [len(values)], "data": list(values), "parameters": None}


def test_null_is_the_same_as_left_out(path: str) -> None:
    plain = httpx.post(path, json={"inputs": [frames()], "outputs": [{"name": "probabilities"}]}).json()
    output = {"name": "probabilities", "parameters": None}
    nulls = {"id": None, "parameters": None, "inputs": [frames(parameters=None)], "outputs": [output]}
    assert httpx.post(path, json=nulls).json() == plain
    output["parameters"] = {"binary_data": None, "classification": None}
    nulls["inputs"] = [frames(parameters={"binary_data_size": None})]
    assert httpx.post(path, json=nulls | {"parameters": {"binary_data_output": None}}).json() == plain
    every = httpx.post(path, json={"inputs": [frames()], "outputs": None}).json()
    assert every == httpx.post(path, json={"inputs": [frames()]}).json()


def test_lengths_may_be_of_32_bits(path: str) -> None:
    inputs = [frames(shape=[2, 10, 8], data=FRAME * 20)]
    expected = httpx.post(path, json={"inputs": [*inputs, lengths("INT64", 5, 10)]}).json()["outputs"]
    assert httpx.post(path, json={"inputs": [*inputs, lengths("INT32", 5, 10)]}).json()["outputs"] == expected

    packed = lengths("INT32", 5, 10) | {"parameters": {"binary_data_size": 8}}
    del packed["data"]
    head = json.dumps({"inputs": [*inputs, packed]}).encode()
    body = head + np.array([5, 10], "<i4").tobytes()
    assert httpx.post(path, content=body, headers={JSON_SIZE: str(len(head))}).json()["outputs"] == expected

    too_large = httpx.post(path, json={"inputs": [*inputs, lengths("INT32", 5, 2**31)]})
    assert (too_large.status_code, "INT32" in too_large.json()["error"]) == (400, True)
    other = httpx.post(path, json={"inputs": [*inputs, lengths("UINT8", 5, 10)]})
    assert other.json()["error"] == "lengths: the datatype is UINT8, not INT64 or INT32"
