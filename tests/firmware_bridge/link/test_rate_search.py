"""Search for a baud rate: what is read at a wrong one is what a real receiver would read, bit by bit."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.link.rate_search import RateSearch, Verdict
from firmware_bridge.link.serial_line import BAUDS, SerialLine
from tests.firmware_bridge.link.gloves import packets
from tests.firmware_bridge.link.uart import as_read_at, reads_at

LISTEN_S = 0.5
FRAMES = b"".join(
    b"%d,-1.%d,2.25,17%d,%d,802,%d,804,5%d\r\n" % (20 * n, n % 90, n % 9, 700 + n, n, n % 80) for n in range(200)
)
PROSE = b"Guru Meditation Error: Core 1 panic'ed (LoadProhibited)\r\nrst:0x1 (POWERON_RESET),boot:0x13\r\n" * 40


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in itertools.pairwise(places)]


@given(st.sampled_from([FRAMES, packets(0, 200)]), st.lists(st.integers(0, 10_000), max_size=30))
def test_at_the_right_rate_every_byte_is_passed_on_and_the_rate_settled(data: bytes, cuts: list[int]) -> None:
    search, held, passed = RateSearch(BAUDS, LISTEN_S), b"", b""
    for piece in pieces(data, cuts):
        verdict = search.judge(piece, 0.0)
        assert verdict is not Verdict.NEXT
        held += piece
        if verdict is Verdict.PASS:
            passed, held = passed + held, b""
    assert search.settled
    assert passed == data
    assert search.baud == BAUDS[0]


@pytest.mark.parametrize("data", [FRAMES[:2500], packets(0, 60)], ids=["text", "binary"])
@pytest.mark.parametrize("sent_baud", BAUDS)
def test_every_usual_rate_is_found(data: bytes, sent_baud: int) -> None:
    search, now_s = RateSearch(BAUDS, LISTEN_S), 0.0
    for _ in range(3 * len(BAUDS)):  # a slow receiver makes few bytes of a fast sender's
        arriving = reads_at(data, sent_baud, search.baud)
        while piece := bytes(itertools.islice(arriving, 32)):
            now_s += 0.1
            if search.judge(piece, now_s) is Verdict.NEXT or search.settled:
                break
        if search.settled:
            break
    assert search.settled
    assert search.baud == sent_baud
    assert search.tried == BAUDS.index(sent_baud)  # the first time that it has its turn


@pytest.mark.parametrize("prose", [PROSE, "손가락 센서를 보정하는 중입니다\n".encode() * 40])
def test_lines_of_text_that_are_no_frames_are_passed_on_at_once_and_the_rate_stays(prose: bytes) -> None:
    search = RateSearch(BAUDS, LISTEN_S)
    lines = prose.splitlines(keepends=True)
    assert [search.judge(line, 10.0 * number) for number, line in enumerate(lines)] == [Verdict.PASS] * len(lines)
    assert search.judge(FRAMES, 1e6) is Verdict.PASS
    assert search.settled


def test_bytes_of_a_reset_before_the_text_cost_nothing() -> None:
    search = RateSearch(BAUDS, LISTEN_S)
    assert search.judge(as_read_at(PROSE[:80], 74_880, BAUDS[0]), 0.0) is Verdict.HOLD
    assert search.judge(FRAMES[:200], LISTEN_S / 2) is Verdict.PASS
    assert search.settled


def test_a_rate_is_not_judged_by_a_line_that_takes_long() -> None:
    search = RateSearch(BAUDS, LISTEN_S)
    assert [search.judge(b".", float(second)) for second in range(200)] == [Verdict.HOLD] * 200
    assert search.judge(b" ready\n", 200.0) is Verdict.PASS


def test_what_is_held_is_bounded() -> None:
    search, held = RateSearch(BAUDS, LISTEN_S), 0
    while search.judge(b"\xff" * 1000, 0.0) is Verdict.HOLD:
        held += 1000
    assert held <= 64 * 1024
    assert (search.baud, search.tried) == (BAUDS[1], 1)


def test_after_a_round_without_a_result_what_comes_is_passed_on() -> None:
    search, now_s = RateSearch(BAUDS[:2], LISTEN_S), 0.0
    verdicts = []
    while search.tried < 4:
        now_s += 0.3
        verdicts.append(search.judge(b"\xff" * 40, now_s))
    first = verdicts[: verdicts.index(Verdict.NEXT, verdicts.index(Verdict.NEXT) + 1)]
    assert Verdict.PASS not in first
    assert Verdict.HOLD not in verdicts[len(first) :]


def test_a_rate_that_was_given_is_never_left_but_doubted_until_a_frame_comes() -> None:
    search = RateSearch(SerialLine(9600).rates(), LISTEN_S)
    garbage = as_read_at(FRAMES, 115_200, 9600)
    assert search.judge(garbage[:100], 0.0) is Verdict.PASS
    assert not search.doubtful
    assert search.judge(garbage[100:], 1.0) is Verdict.PASS
    assert search.doubtful
    assert search.baud == 9600
    assert search.judge(b"\n" + FRAMES, 2.0) is Verdict.PASS
    assert not search.doubtful


def test_the_rate_that_worked_is_the_first_at_the_next_opening() -> None:
    assert SerialLine().rates(9600)[:2] == (9600, 115_200)
    assert sorted(SerialLine().rates(9600)) == sorted(BAUDS)
    assert SerialLine(38_400).rates(9600) == (38_400,)
