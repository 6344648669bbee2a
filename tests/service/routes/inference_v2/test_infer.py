"""Inference requests that are large in the wrong place are refused early, and large answers are written in slices."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from models.runtime.artefact import Artefact, Outputs
from service.http.bodies.request import Limits
from service.problems import ProblemError
from service.routes.inference_v2.infer import InferRequest, OutputFormat, read_request, write_response
from tests.service.slices import run_slices

LIMITS = Limits(8 << 20, 1024, 2000)


def test_inputs_beyond_the_second_are_not_decoded() -> None:
    each = b'{"name":"frames","shape":0,"datatype":"FP32"}'
    body = b'{"inputs":[%b]}' % b",".join([each] * 50_000)
    tracemalloc.start()
    try:
        with pytest.raises(ProblemError) as refused:
            run_slices(read_request(body, None, LIMITS))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert refused.value.status == 400
    assert peak < len(body)


def test_a_large_classification_is_written_in_slices(artefact: Artefact) -> None:
    count, labels = 1024, artefact.contract.labels
    random = np.random.default_rng(0).random
    outputs = Outputs(*(random((count, width), np.float32) for width in (len(labels), 3, 64)))
    wanted = [OutputFormat("probabilities", False, len(labels)), OutputFormat("embedding", False, 64)]
    request = InferRequest([], wanted, "")
    slices = write_response(artefact.contract, outputs, request)
    assert sum(1 for _ in slices) >= 2 * count // 32
    body, _ = run_slices(write_response(artefact.contract, outputs, request))
    assert body.count(labels[0].encode()) == count
