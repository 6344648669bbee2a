from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.problems import ProblemError
from service.routes.inference_v2.compression import (
    Coding,
    coding_accepted,
    coding_named,
    deflate,
    inflate,
)
from tests.service.slices import run_slices

codings = st.sampled_from(["gzip", "deflate"])


@given(st.binary(max_size=1000), st.integers(1, 300), codings)
def test_there_and_back(pattern: bytes, times: int, coding: Coding) -> None:
    body = pattern * times
    packed = run_slices(deflate(body, coding))
    assert (gzip.decompress if coding == "gzip" else zlib.decompress)(packed) == body
    if body:
        assert run_slices(inflate(packed, coding, len(body))) == body
        with pytest.raises(ProblemError) as caught:
            run_slices(inflate(packed, coding, len(body) - 1))
        assert caught.value.code == "body_too_large"


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(100_000_000), 9)
    slices = inflate(bomb, "gzip", 1_000_000)
    for _ in range(1_000_000 // (64 * 1024)):
        next(slices)
    with pytest.raises(ProblemError) as caught:
        next(slices)
    assert (caught.value.status, caught.value.code) == (413, "body_too_large")


@given(st.binary(max_size=200), st.integers(0, 200), codings)
def test_broken_bodies(noise: bytes, cut: int, coding: Coding) -> None:
    packed = run_slices(deflate(b"frames" * 50, coding))
    refusals = []
    for body in (noise, packed[:cut] + noise, packed + b"x"):
        try:
            assert run_slices(inflate(body, coding, 10_000)) == b"frames" * 50
        except ProblemError as problem:
            refusals.append(problem.status)
    assert set(refusals) == {400}  # the last one at least


def test_headers() -> None:
    assert [coding_named(name) for name in ("", "identity", "GZip", " deflate")] == [None, None, "gzip", "deflate"]
    with pytest.raises(ProblemError) as caught:
        coding_named("br")
    assert caught.value.status == 415
    accepted = ["", "br, gzip;q=0.5", "deflate, gzip", "gzip;q=0, *", "GZIP"]
    assert [coding_accepted(header) for header in accepted] == [None, "gzip", "deflate", None, "gzip"]
