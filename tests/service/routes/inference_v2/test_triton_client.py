"""Triton's own Python client, unchanged, against a real service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from models.runtime.artefact import Artefact
from models.runtime.contract import pad
from models.runtime.parity import TOLERANCES

Glove = Callable[..., np.ndarray]
OUTPUTS = ("probabilities", "scale_importance", "embedding")


@pytest.fixture
def client(service: Any) -> Iterator[triton.InferenceServerClient]:
    client = triton.InferenceServerClient(service.url.removeprefix("http://"))
    yield client
    client.close()


def tensor(name: str, array: np.ndarray, binary: bool = True) -> triton.InferInput:
    made = triton.InferInput(name, list(array.shape), "INT64" if array.dtype == np.int64 else "FP32")
    made.set_data_from_numpy(array, binary_data=binary)
    return made


def test_what_is_served(client: triton.InferenceServerClient, artefact: Artefact) -> None:
    contract = artefact.contract
    name, version = contract.name, contract.version
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready(name)
    assert client.is_model_ready(name, version)
    assert not client.is_model_ready(name, "0")
    assert not client.is_model_ready("GPT")
    server = client.get_server_metadata()
    assert server["name"] == "scaleglove"
    assert "binary_tensor_data" in server["extensions"]
    metadata = client.get_model_metadata(name, version)
    assert (metadata["name"], metadata["versions"]) == (name, [version])
    assert [each["name"] for each in metadata["inputs"]] == ["frames", "lengths"]
    assert {each["name"]: each["shape"] for each in metadata["outputs"]} == {
        "probabilities": [-1, len(contract.labels)],
        "scale_importance": [-1, len(contract.scales)],
        "embedding": [-1, -1],
    }
    config = client.get_model_config(name)
    assert [(each["name"], each["data_type"]) for each in config["input"]] == [
        ("frames", "TYPE_FP32"),
        ("lengths", "TYPE_INT64"),
    ]
    assert {"name": name, "version": version, "state": "READY", "reason": ""} in client.get_model_repository_index()


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False, None])
@pytest.mark.parametrize("compression", [None, "gzip", "deflate"])
def test_answers_are_the_artefacts(
    client: triton.InferenceServerClient,
    artefact: Artefact,
    glove: Glove,
    binary_in: bool,
    binary_out: bool | None,
    compression: str | None,
) -> None:
    frames, lengths = pad([glove(length, length) for length in (artefact.contract.window_frames, 3, 40, 20)])
    requested = None if binary_out is None else [triton.InferRequestedOutput(name, binary_out) for name in OUTPUTS]
    result = client.infer(
        artefact.contract.name,
        [tensor("frames", frames, binary_in), tensor("lengths", lengths, not binary_in)],
        outputs=requested,
        request_id="seventeen",
        request_compression_algorithm=compression,
        response_compression_algorithm=compression,
    )
    response = result.get_response()
    assert (response["id"], response["model_name"]) == ("seventeen", artefact.contract.name)
    expected = artefact.run(frames, lengths)
    for name in OUTPUTS:
        np.testing.assert_allclose(result.as_numpy(name), getattr(expected, name), atol=TOLERANCES[name])


def test_longer_windows_are_answered_for_their_newest_frames(
    client: triton.InferenceServerClient, artefact: Artefact, glove: Glove
) -> None:
    frames = glove(300)[np.newaxis]
    found = client.infer(artefact.contract.name, [tensor("frames", frames)]).as_numpy("embedding")
    np.testing.assert_allclose(found, artefact.run_windows(list(frames)).embedding, atol=1e-5)


def test_only_requested_outputs_are_returned(
    client: triton.InferenceServerClient, artefact: Artefact, glove: Glove
) -> None:
    frames = np.stack([glove(20, seed) for seed in range(70)])
    requested = [
        triton.InferRequestedOutput("scale_importance"),
        triton.InferRequestedOutput("probabilities", class_count=2),
    ]
    result = client.infer(
        artefact.contract.name, [tensor("frames", frames)], artefact.contract.version, outputs=requested
    )
    assert [output["name"] for output in result.get_response()["outputs"]] == ["scale_importance", "probabilities"]
    probabilities = artefact.run_windows(list(frames)).probabilities
    classes = result.as_numpy("probabilities")
    assert classes.shape == (70, 2)
    for row, found in zip(probabilities, classes, strict=True):
        best = np.argsort(-row)[:2]
        for index, text in zip(best, found, strict=True):
            value, written, label = text.decode().split(":")
            assert (int(written), label) == (index, artefact.contract.labels[index])
            assert float(value) == pytest.approx(row[index], abs=1e-5)


def test_many_at_once(client: triton.InferenceServerClient, artefact: Artefact, glove: Glove) -> None:
    windows = [glove(30, seed)[np.newaxis] for seed in range(8)]
    pending = [client.async_infer(artefact.contract.name, [tensor("frames", window)]) for window in windows]
    for window, each in zip(windows, pending, strict=True):
        expected = artefact.run_windows(list(window)).embedding
        np.testing.assert_allclose(each.get_result().as_numpy("embedding"), expected, atol=1e-5)


def test_statistics_count_windows(client: triton.InferenceServerClient, artefact: Artefact, glove: Glove) -> None:
    def count() -> int:
        (found,) = client.get_inference_statistics(artefact.contract.name)["model_stats"]
        return int(found["inference_count"])

    before = count()
    client.infer(artefact.contract.name, [tensor("frames", np.stack([glove(20)] * 5))])
    assert count() == before + 5
    everything = client.get_inference_statistics()["model_stats"]
    assert artefact.contract.name in {each["name"] for each in everything}


@pytest.mark.parametrize(
    ("model", "array", "name", "status", "sentence"),
    [
        ("GPT", np.zeros((1, 20, 8), np.float32), "frames", "404", "no model is called 'GPT'"),
        (None, np.zeros((1, 20, 7), np.float32), "frames", "400", "frames: the shape is [1, 20, 7]"),
        (None, np.zeros((20, 8), np.float32), "frames", "400", "frames: the shape is [20, 8]"),
        (None, np.zeros((1, 20, 8), np.int64), "frames", "400", "frames: the datatype is INT64"),
        (None, np.zeros((1, 20, 8), np.float32), "input", "400", "inputs: give frames"),
        (None, np.full((1, 20, 8), np.nan, np.float32), "frames", "400", "frames.0.0.0: "),
        (None, np.zeros((1025, 1, 8), np.float32), "frames", "413", "frames: 1025 windows"),
        (None, np.zeros((1, 2001, 8), np.float32), "frames", "413", "frames.0: 2001 frames"),
    ],
)
def test_errors_are_the_protocols(
    client: triton.InferenceServerClient,
    artefact: Artefact,
    model: str | None,
    array: Any,
    name: str,
    status: str,
    sentence: str,
) -> None:
    with pytest.raises(InferenceServerException) as caught:
        client.infer(model or artefact.contract.name, [tensor(name, array)])
    assert caught.value.status() == status
    assert caught.value.message().startswith(sentence)
