"""COBS: no zero inside, nothing lost, and the examples of the literature."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.codec.cobs import decode, encode


@pytest.mark.parametrize(
    ("data", "encoded"),
    [
        (b"", b"\x01"),
        (b"\0", b"\x01\x01"),
        (b"\0\0", b"\x01\x01\x01"),
        (b"\x11\x22\0\x33", b"\x03\x11\x22\x02\x33"),
        (b"\x11\0\0\0", b"\x02\x11\x01\x01\x01"),
        (bytes(range(1, 254)), b"\xfe" + bytes(range(1, 254))),
        (bytes(range(1, 256)), b"\xff" + bytes(range(1, 255)) + b"\x02\xff"),
    ],
)
def test_examples(data: bytes, encoded: bytes) -> None:
    assert encode(data) == encoded
    assert decode(encoded) == data


@given(st.one_of(st.binary(max_size=1200), st.binary(max_size=900).map(lambda data: data.replace(b"\0", b"\1"))))
def test_what_is_encoded_has_no_zero_and_is_decoded(data: bytes) -> None:
    encoded = encode(data)
    assert 0 not in encoded
    assert len(encoded) <= len(data) + 1 + len(data) // 254
    assert decode(encoded) == data


@pytest.mark.parametrize("encoded", [b"\x03\x11", b"\xff\x11", b"\x02\x11\x05\x22"])
def test_a_block_longer_than_what_is_there_is_refused(encoded: bytes) -> None:
    assert decode(encoded) is None
