from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from service.http.bodies.binary_body import NPY_MAGIC, parse_query, read_binary
from service.http.bodies.json_body import JsonBody
from service.http.bodies.request import Limits, ParsedRequest
from service.problems import ProblemError
from tests.service.slices import run_slices

LIMITS = Limits(8 << 20, windows=6, window_frames=20)


def read(body: bytes, query: str = "", limits: Limits = LIMITS) -> ParsedRequest:
    return run_slices(read_binary(body, parse_query(query), limits))


def npy(array: Any, version: tuple[int, int] | None = None) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asanyarray(array), version=version, allow_pickle=False)
    return file.getvalue()


def readings(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-900, 900, shape).astype("<f4")


@given(st.lists(st.integers(1, 20), min_size=1, max_size=6))
def test_raw_windows_of_any_lengths(lengths: list[int]) -> None:
    windows = [readings(length, 8) for length in lengths]
    body = b"".join(window.tobytes() for window in windows)
    parsed = read(body, f"lengths={','.join(map(str, lengths))}&top_k=4&model=a%20b&sample_rate_hz=34.5")
    assert (parsed.model, parsed.wearer, parsed.sample_rate_hz, parsed.top_k) == ("a b", None, 34.5, 4)
    for found, window in zip(parsed.windows, windows, strict=True):
        np.testing.assert_array_equal(found, window, strict=True)


def test_raw_windows_of_one_length_and_one_alone() -> None:
    values = readings(4, 5, 8)
    np.testing.assert_array_equal(read(values.tobytes(), "frames=5").windows, values)
    np.testing.assert_array_equal(read(values.tobytes()).windows, values.reshape(1, 20, 8))


@given(
    hnp.arrays(
        st.sampled_from(["<f4", ">f4", "<f8", ">f8", "<f2", "<i2", ">i4", "<i8", "u1", "<u8"]),
        st.tuples(st.integers(1, 6), st.integers(1, 20), st.just(8)),
        elements=st.integers(0, 100),
    ),
    st.booleans(),
    st.sampled_from([(1, 0), (2, 0)]),
    st.data(),
)
def test_npy_of_any_number_type_and_order(array: np.ndarray, fortran: bool, version: Any, data: st.DataObject) -> None:
    body = npy(np.asfortranarray(array) if fortran else array, version)
    np.testing.assert_array_equal(read(body).windows, array.astype(np.float32))
    np.testing.assert_array_equal(read(npy(array[0])).windows, array[:1].astype(np.float32))
    lengths = data.draw(st.lists(st.integers(1, array.shape[1]), min_size=len(array), max_size=len(array)))
    parsed = read(body, f"lengths={','.join(map(str, lengths))}")
    for found, window, length in zip(parsed.windows, array, lengths, strict=True):
        np.testing.assert_array_equal(found, window[:length].astype(np.float32))


def test_padding_may_hold_anything() -> None:
    values = np.full((2, 5, 8), np.nan)
    values[0, :3], values[1, :1] = 1, 2
    for body, query in ((npy(values), ""), (values.astype("<f4").tobytes(), "&frames=5")):
        parsed = read(body, "lengths=3,1" + query)
        assert [window[:, 0].tolist() for window in parsed.windows] == [[1, 1, 1], [2]]


ODD = [np.nan, np.inf, -np.inf, 1.1e6, -2e6]


@given(
    hnp.arrays(np.float64, (3, 4, 8), elements=st.floats(-1e6, 1e6)),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 7), st.sampled_from(ODD)), max_size=2),
)
def test_refused_as_the_same_json_is(values: np.ndarray, faults: list[tuple[int, int, int, float]]) -> None:
    for window, frame, channel, value in faults:
        values[window, frame, channel] = value
    as_json = refused(lambda: JsonBody(LIMITS).validate(json.dumps({"windows": values.tolist()}).encode()))
    assert (as_json is not None) == (not (np.abs(values) <= 1e6).all())
    assert refused(lambda: read(npy(values))) == as_json
    assert refused(lambda: read(values.astype("<f4").tobytes(), "frames=4")) == as_json


def test_smallest_integer_has_no_magnitude() -> None:
    values = np.zeros((2, 3, 8), np.int64)
    values[1, 2, 5] = np.iinfo(np.int64).min
    with pytest.raises(ProblemError) as caught:
        read(npy(values))
    assert caught.value.field == "windows.1.2.5"


def header(text: str) -> bytes:
    return NPY_MAGIC + b"\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


def test_header_of_any_length() -> None:
    text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 8)}"
    for length in (len(text) + 1, 64, 266, 900):  # 266 is written with a byte that looks like the end of a line
        body = header(text.ljust(length - 1) + "\n") + RAW[:64]
        np.testing.assert_array_equal(read(body).windows[0].ravel(), np.frombuffer(RAW[:64], "<f4"))


RAW = readings(5, 8).tobytes()


@pytest.mark.parametrize(
    ("body", "query", "status", "code", "field"),
    [
        (b"", "", 422, "invalid_request", "windows"),
        (RAW[:-1], "", 422, "invalid_request", "windows"),
        (RAW, "frames=2", 422, "invalid_request", "frames"),
        (RAW, "frames=0", 422, "invalid_request", "frames"),
        (RAW, "frames=five", 422, "invalid_request", "frames"),
        (RAW, "lengths=2,2", 422, "invalid_request", "lengths"),
        (RAW, "lengths=6,-1", 422, "invalid_request", "lengths.1"),
        (RAW, "lengths=", 422, "invalid_request", "lengths.0"),
        (RAW, "frames=1&lengths=1,1,1,1,2", 422, "invalid_request", "lengths.4"),
        (RAW, "frames=1&lengths=1", 422, "invalid_request", "lengths"),
        (RAW, "top_k=201", 422, "invalid_request", "top_k"),
        (RAW, "top_k=3&top_k=3", 422, "invalid_request", "top_k"),
        (RAW, "sample_rate_hz=nan", 422, "invalid_request", "sample_rate_hz"),
        (RAW, "rate=50", 422, "invalid_request", "rate"),
        (RAW * 2, "frames=1", 413, "too_many_windows", "windows"),
        (RAW * 5, "lengths=4,21", 413, "window_too_long", "windows.1"),
        (npy(np.zeros((1, 21, 8))), "", 413, "window_too_long", "windows.0"),
        (npy(np.zeros((7, 1, 8))), "", 413, "too_many_windows", "windows"),
        (npy(np.zeros((1, 2, 8))), "frames=2", 422, "invalid_request", "frames"),
        (npy(np.zeros((1, 2, 8))), "lengths=3", 422, "invalid_request", "lengths.0"),
        (npy(np.zeros((2, 7))), "", 422, "invalid_request", "windows"),
        (npy(np.zeros((1, 1, 1, 8))), "", 422, "invalid_request", "windows"),
        (npy(np.zeros((0, 5, 8))), "", 422, "invalid_request", "windows"),
        (npy(np.zeros(())), "", 422, "invalid_request", "windows"),
        (npy(np.zeros((1, 8), bool)), "", 422, "invalid_request", "windows"),
        (npy(np.zeros((1, 8), complex)), "", 422, "invalid_request", "windows"),
        (npy(np.zeros((1, 8), "S4")), "", 422, "invalid_request", "windows"),
        (npy(np.zeros((1, 8), [("a", "f4")])), "", 422, "invalid_request", "windows"),
        (npy(np.zeros((2, 8)))[:-1], "", 422, "invalid_request", "windows"),
        (npy(np.zeros((2, 8))) + b"\0", "", 422, "invalid_request", "windows"),
        (npy(np.zeros((2, 8)), (3, 0)), "", 422, "invalid_request", "windows"),
        (NPY_MAGIC, "", 422, "invalid_request", "windows"),
        (header("{'descr': '|O', 'fortran_order': False, 'shape': (1, 8)}\n"), "", 422, "invalid_request", "windows"),
        (
            header("{'descr': '<f4', 'fortran_order': False, 'shape': (10**12, 8)}\n"),
            "",
            422,
            "invalid_request",
            "windows",
        ),
        (
            header(f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({'9' * 30}, 8)}}\n"),
            "",
            422,
            "invalid_request",
            "windows",
        ),
        (header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 8)}\n"), "", 422, "invalid_request", "windows"),
        (header("(" * 900), "", 422, "invalid_request", "windows"),
        (
            header("{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 8L)}\n"),
            "",
            422,
            "invalid_request",
            "windows",
        ),
        (header("{" + " " * 60_000 + "}"), "", 422, "invalid_request", "windows"),
    ],
)
def test_bad_body_gets_one_clear_problem(body: bytes, query: str, status: int, code: str, field: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read(body, query)
    problem = caught.value
    assert (problem.status, problem.code, problem.field) == (status, code, field)
    assert problem.detail.startswith(field)
    assert len(problem.detail) < 300


def refused(read: Callable[[], ParsedRequest]) -> tuple[int, str, str | None, str] | None:
    """Return the problem of a body, without the number of further errors."""
    try:
        read()
    except ProblemError as problem:
        return problem.status, problem.code, problem.field, problem.detail.partition(" (and ")[0]
    return None


@given(st.integers(0, 140), st.integers(0, 9), st.binary(max_size=9))
def test_any_header_is_read_or_refused(at: int, cut: int, put: bytes) -> None:
    body = npy(np.zeros((2, 3, 8), "<f4"))
    problem = refused(lambda: read(body[:at] + put + body[at + cut :]))
    assert problem is None or problem[0] in {413, 422}
