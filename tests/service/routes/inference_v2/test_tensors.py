from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from service.problems import ProblemError
from service.routes.inference_v2.tensors import (
    classify,
    from_bytes,
    from_json,
    strings_to_bytes,
    to_bytes,
)
from tests.service.slices import run_slices

shapes = hnp.array_shapes(min_dims=1, max_dims=3, max_side=5)


@given(hnp.arrays(np.float32, shapes, elements=st.floats(-1e6, 1e6, width=32)), st.sampled_from([None, 2]))
def test_numbers_flat_or_nested(array: np.ndarray, indent: int | None) -> None:
    for written in (array, array.reshape(-1)):
        text = json.dumps(written.tolist(), indent=indent).encode()
        found = run_slices(from_json("x", "FP32", array.shape, text))
        np.testing.assert_array_equal(found, array.astype(np.float64), strict=True)
    np.testing.assert_array_equal(from_bytes("x", "FP32", array.shape, to_bytes(array)), array)


@given(hnp.arrays(np.int64, shapes))
def test_whole_numbers(array: np.ndarray) -> None:
    found = run_slices(from_json("x", "INT64", array.shape, json.dumps(array.tolist()).encode()))
    np.testing.assert_array_equal(found, array, strict=True)
    np.testing.assert_array_equal(from_bytes("x", "INT64", array.shape, array.astype("<i8").tobytes()), array)


def test_many_numbers_are_read_in_steps() -> None:
    array = np.random.default_rng(0).normal(size=(40, 50, 8))
    slices = from_json("x", "FP32", array.shape, json.dumps(array.tolist()).encode())
    assert sum(1 for _ in slices) > 5
    slices = from_json("x", "FP32", array.shape, json.dumps(array.tolist()).encode())
    np.testing.assert_array_equal(run_slices(slices), array)


@pytest.mark.parametrize(
    ("datatype", "shape", "data"),
    [
        ("FP32", [2], [1]),
        ("FP32", [1], [1, 2]),
        ("FP32", [1], []),
        ("FP32", [2], [[], [1]]),
        ("FP32", [1], 5),
        ("FP32", [1], {"a": 1}),
        ("FP32", [1], "[1]"),
        ("FP32", [2], ["1", 2]),
        ("FP32", [2], ["],[", 2]),
        ("FP32", [2], [None, 2]),
        ("FP32", [2], [True, 2]),
        ("FP32", [2**40, 2**40], [1]),
        ("INT64", [1], [1.5]),
        ("INT64", [1], [2**63]),
    ],
)
def test_what_is_no_tensor(datatype: str, shape: list[int], data: Any) -> None:
    with pytest.raises(ProblemError) as caught:
        run_slices(from_json("x", datatype, shape, json.dumps(data).encode()))
    assert caught.value.status == 400
    assert caught.value.detail.startswith("x: data ")


@given(shapes, st.integers(-9, 9))
def test_bytes_of_another_size(shape: tuple[int, ...], more: int) -> None:
    size = max(0, 4 * math.prod(shape) + more)
    if size == 4 * math.prod(shape):
        assert from_bytes("x", "FP32", shape, bytes(size)).shape == shape
    else:
        with pytest.raises(ProblemError, match="x: "):
            from_bytes("x", "FP32", shape, bytes(size))


def test_classes() -> None:
    array = np.array([[0.25, 0.5, 0.25], [0, 0, 1]], np.float32)
    assert classify(array, 2, "abc") == [["0.500000:1:b", "0.250000:0:a"], ["1.000000:2:c", "0.000000:0:a"]]
    assert classify(array, 9, ()) == [
        ["0.500000:1", "0.250000:0", "0.250000:2"],
        ["1.000000:2", "0.000000:0", "0.000000:1"],
    ]
    assert strings_to_bytes(["a", "ㄱ"]) == b"\x01\0\0\0a\x03\0\0\0\xe3\x84\xb1"
