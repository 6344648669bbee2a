"""msgspec and pydantic parse the same bodies to the same windows, and refuse the same ones with the same field."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.http.bodies import json_body
from service.http.bodies.json_body import SLICE_BYTES, VALIDATED_BYTES, JsonBody
from service.http.bodies.request import Limits, ParsedRequest
from service.http.cooperative_runner import Slices
from service.problems import ProblemError
from tests.service.slices import run_slices

LIMITS = Limits(8 << 20, windows=3, window_frames=4)
READER = JsonBody(LIMITS)

reading = st.one_of(st.floats(-1e6, 1e6), st.integers(-(10**6), 10**6), st.sampled_from([1e-320, -0.0, 0.1, 1e5]))
odd = st.one_of(
    st.floats(),
    st.sampled_from([10**400, -(10**30), 1e6 + 1, 2**63, 2**64, True, None, "1", "", [], {}, [1.0]]),
)
frame = st.one_of(
    st.lists(reading, min_size=8, max_size=8),
    st.lists(st.one_of(reading, odd), min_size=7, max_size=9),
)
good_window = st.lists(st.lists(reading, min_size=8, max_size=8), min_size=1, max_size=4)
window = st.one_of(good_window, st.lists(st.one_of(frame, odd), max_size=5))
windows = st.one_of(
    st.lists(good_window, min_size=1, max_size=3), st.lists(st.one_of(window, odd), max_size=4), st.text(), odd
)
fields = st.fixed_dictionaries(
    {"windows": windows},
    optional={
        "model": st.one_of(st.text(), st.none(), odd),
        "wearer": st.one_of(st.none(), st.text()),
        "sample_rate_hz": st.one_of(st.floats(3, 1001), st.integers(3, 1001), odd),
        "top_k": st.one_of(st.integers(0, 25), st.floats(1, 24), odd),
        "]]": odd,
    },
)


def outcome(read: Any) -> Any:
    """Return the result of a parser in a form that can be compared."""
    try:
        parsed: ParsedRequest = read()
    except ProblemError as problem:
        return problem.status, problem.code, problem.field, problem.detail
    shown = [(window.dtype, window.shape, window.tobytes()) for window in parsed.windows]
    return shown, parsed.model, parsed.wearer, parsed.sample_rate_hz, parsed.top_k


def same(body: bytes) -> None:
    assert outcome(lambda: run_slices(READER.read(body))) == outcome(lambda: READER.validate(body))


@given(fields, st.sampled_from([None, 1]), st.booleans())
def test_same_as_pydantic(body: dict[str, Any], indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(body, indent=indent, ensure_ascii=ascii_only)
    same(text.encode(errors="surrogatepass"))


GOOD = json.dumps({"windows": [[[1.5] * 8] * 2] * 2, "model": "a]],[[", "top_k": 2}).encode()


@given(
    st.integers(0, len(GOOD)),
    st.integers(0, 3),
    st.one_of(st.binary(max_size=3), st.text('[]{},:"\\ 01.eE-+', max_size=3)),
)
def test_same_as_pydantic_on_text_that_was_tampered_with(at: int, cut: int, put: bytes | str) -> None:
    same(GOOD[:at] + (put if isinstance(put, bytes) else put.encode()) + GOOD[at + cut :])


@pytest.mark.parametrize(
    "body",
    [
        b'{"windows": [], "windows": [[[1,2,3,4,5,6,7,8]]]}',
        b'{"top_k": 0, "windows": [[[1,2,3,4,5,6,7,8]]], "top_k": 3}',
        b'\xef\xbb\xbf{"windows": [[[1,2,3,4,5,6,7,8]]]}',
        b'{"windows": [[[1,2,3,4,5,6,7,8]]], "model": "\\ud83d\\ude00"}',
        b'{"windows": [[[1,2,3,4,5,6,7,8]]], "model": "\\ud83d"}',
        b'{"windows": "[[1]],[[2]],"}',
        b'{"windows": [[[1,2,3,4,5,6,7,8]],]}',
        b"[" * 50_000,
    ],
)
def test_same_as_pydantic_on_oddities(body: bytes) -> None:
    same(body)


def slices_and_result(slices: Slices[ParsedRequest]) -> tuple[int, ParsedRequest]:
    count = 1
    while True:
        try:
            next(slices)
        except StopIteration as done:
            return count, done.value
        count += 1


@pytest.mark.parametrize("separators", [(",", ":"), (" ,\n", ": ")])
@pytest.mark.parametrize("lengths", [[10] * 400, [2000, 1, 1999], [1] * 3, [1700, 87, 1, 1, 1500]])
def test_large_bodies_are_read_in_slices(lengths: list[int], separators: tuple[str, str]) -> None:
    rng = np.random.default_rng(0)
    windows = [rng.uniform(-900, 900, (length, 8)).round(3) for length in lengths]
    body = json.dumps({"windows": [window.tolist() for window in windows], "top_k": 5}, separators=separators).encode()
    slices, parsed = slices_and_result(JsonBody(Limits(8 << 20, 1024, 2000)).read(body))
    assert parsed.top_k == 5
    assert len(parsed.windows) == len(windows)
    for found, window in zip(parsed.windows, windows, strict=True):
        np.testing.assert_array_equal(found, window.astype(np.float32))
    longest = max(len(json.dumps(window.tolist(), separators=separators)) for window in windows)
    assert slices >= len(body) / (SLICE_BYTES + longest)
    assert (slices == 1) == (len(body) <= SLICE_BYTES)


FRAME = [700.0, 1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        (
            {"windows": [[FRAME] * 50] * 99 + [[FRAME] * 3 + [[1, 2, None, 4, 5, 6, 7, 8]]]},
            422,
            "invalid_request",
            "windows.99.3.2",
        ),
        ({"windows": [[FRAME] * 50] * 99 + [[FRAME[:7]]]}, 422, "invalid_request", "windows.99.0"),
        ({"windows": [[FRAME] * 50] * 99 + [[]]}, 422, "invalid_request", "windows.99"),
        ({"windows": [[FRAME] * 50] * 99 + [[[2e6] * 8]]}, 422, "invalid_request", "windows.99.0.0"),
        ({"windows": [[FRAME] * 50] * 99 + [[FRAME] * 2001]}, 413, "window_too_long", "windows.99"),
        ({"windows": [[FRAME] * 90_000]}, 413, "window_too_long", "windows.0"),
        ({"windows": [[FRAME]] * 90_000}, 413, "too_many_windows", "windows"),
        ({"windows": [1] * 90_000}, 413, "window_too_long", "windows.0"),
        ({"windows": [1] * 40 + ["x" * 200_000]}, 422, "invalid_request", "windows.0"),
        ({"windows": "x" * 200_000}, 422, "invalid_request", "windows"),
        ({"windows": [[FRAME] * 50] * 99, "top_k": 0}, 422, "invalid_request", "top_k"),
        ({"windows": [[FRAME] * 50] * 99, "rate": 1}, 422, "invalid_request", None),
        ({"windows": [[FRAME] * 50] * 99 + [[[float("nan")] * 8]]}, 422, "invalid_request", None),
    ],
)
def test_faults_that_pydantic_does_not_find_name_their_field_too(
    change: Any, status: int, code: str, field: str | None
) -> None:
    body = json.dumps(change).encode()
    assert len(body) > VALIDATED_BYTES
    with pytest.raises(ProblemError) as caught:
        run_slices(JsonBody(Limits(8 << 20, 1024, 2000)).read(body))
    problem = caught.value
    assert (problem.status, problem.code, problem.field) == (status, code, field)
    assert problem.detail.startswith(field or "")
    assert len(problem.detail) < 300


def test_a_window_that_has_no_end_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its frames would be too many, or its numbers longer than a reading can be."""
    body = b'{"windows":[[%b]]}' % b",".join([b"[%b]" % b",".join([b"0.%b" % (b"1" * 4000)] * 8)] * 40)
    decoder = Mock(wraps=json_body._SOME_WINDOWS)
    monkeypatch.setattr(json_body, "_SOME_WINDOWS", decoder)
    with pytest.raises(ProblemError) as refused:
        run_slices(READER.read(body))
    assert (refused.value.status, refused.value.code) == (413, "window_too_long")
    assert decoder.decode.call_count == 0
