"""Remarks: words for people, values for programs."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.codec.events import Damaged, Remark
from firmware_bridge.codec.packets import encode_remark
from firmware_bridge.codec.remarks import from_bytes, to_text
from tests.firmware_bridge.codec.remark_vectors import BEFORE_0_2_0, NEARLY_VALUES, REMARKS

KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True)
VALUES = st.dictionaries(KEYS, st.from_regex(r"[A-Za-z0-9_.+-]{1,9}", fullmatch=True), min_size=1, max_size=8)
IN_NO_HEAD = bytes(sorted(set(range(256)) - set(f"{string.ascii_letters}{string.digits}_.+-= ;\t\n\v\f\r".encode())))
"""Bytes that damage a head wherever they stand; blanks are stripped from the ends of a remark."""

SENT = [sent for sent, _, _ in REMARKS]


@given(values=VALUES, words=st.text())
def test_any_words_behind_the_values_change_nothing(values: dict[str, str], words: str) -> None:
    remark = from_bytes(to_text(words, **values).encode())
    assert remark.values == values
    assert remark.text == words.strip() or not words.strip()


@given(values=VALUES)
def test_values_without_words_are_their_own_words(values: dict[str, str]) -> None:
    head = to_text("", **values).removesuffix("; ")
    assert from_bytes(head.encode()) == from_bytes(f"{head};".encode()) == Remark(head, values)


@given(values=VALUES, damage=st.sampled_from(IN_NO_HEAD), data=st.data())
def test_a_damaged_head_has_no_values(values: dict[str, str], damage: int, data: st.DataObject) -> None:
    sent = to_text("words", **values).encode()
    at = data.draw(st.integers(0, sent.index(b";")))
    kept = data.draw(st.integers(at, at + 1))
    assert from_bytes(sent[:at] + bytes([damage]) + sent[kept:]).values == {}


@given(text=st.sampled_from(SENT), bit=st.integers(0, 10_000))
def test_a_damaged_packet_is_no_remark(text: str, bit: int) -> None:
    packet = bytearray(encode_remark(0, 0, text))
    bit %= 8 * (len(packet) - 1)
    packet[bit // 8] ^= 1 << bit % 8
    events = GloveDecoder().feed(b"\0" + packet)
    assert not [event for event in events if isinstance(event, Remark)]
    assert any(isinstance(event, Damaged) for event in events)


@pytest.mark.parametrize(("sent", "words", "values"), REMARKS)
def test_values_are_read(sent: str, words: str, values: dict[str, str]) -> None:
    assert from_bytes(sent.encode()) == Remark(words, values)


@pytest.mark.parametrize("sent", NEARLY_VALUES)
def test_what_breaks_the_grammar_is_words(sent: str) -> None:
    assert from_bytes(sent.encode()) == Remark(sent)


@pytest.mark.parametrize(("sent", "values"), BEFORE_0_2_0)
def test_firmware_before_0_2_0_says_the_same_in_words(sent: str, values: dict[str, str]) -> None:
    assert from_bytes(sent.encode()) == Remark(sent, values)


@pytest.mark.parametrize(
    ("value", "interval_ms"),
    [("1", 1.0), ("2.5", 2.5), ("1000.000", 1000.0), ("0", None), ("0.999", None), ("1000.001", None)]
    + [(damaged, None) for damaged in ("2O", "1e1", "20.", ".5", "-20", "00020", "20.0000", "inf", "nan")],
)
def test_an_interval_is_a_plain_number_in_range(value: str, interval_ms: float | None) -> None:
    assert Remark("words", {"interval_ms": value}).interval_ms == interval_ms


def test_a_remark_names_its_letters_and_its_error() -> None:
    assert (Remark("words").interval_ms, Remark("words").letters, Remark("words").error) == (None, None, None)
    assert Remark("words", {"letters": "only"}).letters == "only"
    assert Remark("words", {"error": "no_network"}).error == "no_network"
