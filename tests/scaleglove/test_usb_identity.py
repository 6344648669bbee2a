"""Identity of a board on USB: one text for one board, whatever system lists it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.usb_identity import MAX_USB, USB_PATTERN, canonical, serial_number_of, usb_identity


@pytest.mark.parametrize(
    ("serial_number", "identity"),
    [
        ("0f3a21", "10c4:ea60:0F3A21"),
        ("7C:DF:A1:00:11:22", "10c4:ea60:7C:DF:A1:00:11:22"),
        (None, "10c4:ea60"),
        ("", "10c4:ea60"),
        (" \x00", "10c4:ea60"),
    ],
)
def test_a_board_with_and_without_a_serial_number(serial_number: str | None, identity: str) -> None:
    assert usb_identity(0x10C4, 0xEA60, serial_number) == identity
    assert serial_number_of(identity) == (identity[10:] or None)


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.one_of(st.none(), st.text(max_size=300)))
def test_every_identity_is_valid_and_has_one_spelling(vid: int, pid: int, serial_number: str | None) -> None:
    identity = usb_identity(vid, pid, serial_number)
    assert re.search(USB_PATTERN, identity)
    assert len(identity) <= MAX_USB
    assert canonical(identity) == identity
    if serial_number is not None and serial_number.isascii():
        assert usb_identity(vid, pid, serial_number.lower()) == usb_identity(vid, pid, serial_number.upper())


def test_capitals_make_a_serial_number_no_longer() -> None:
    longest = "10c4:ea60:" + "ß" * 126
    assert len(canonical(longest)) == len(longest)
