from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.channels import MAX_TIME_MS
from scaleglove.protocol import MAX_FRAMES_PER_MESSAGE, Frames, WireError, decode_binary, encode_frames
from service.streams.unread_frames import UnreadFrames, WideFrames

TIMES = st.lists(st.floats(0, MAX_TIME_MS, exclude_max=True), min_size=1, max_size=20)


@given(TIMES, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_wide_frames_are_the_frames_that_they_were_made_of(times: list[float], seq: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(0, 300, (len(times), 8)).astype(np.float32)
    values[0, seed % 8] = np.nan
    wide = WideFrames.of(Frames(seq, times, values))
    read = wide.read()
    assert wide.count == read.count == len(times)
    assert (read.seq, read.t_ms) == (seq, times)
    np.testing.assert_array_equal(read.values, values)


@pytest.mark.parametrize("count", [1, 7, MAX_FRAMES_PER_MESSAGE])
def test_a_binary_message_is_read_where_it_is_asked_for(count: int) -> None:
    data = encode_frames(Frames(3, [20.0 * place for place in range(count)], np.ones((count, 8), np.float32)))
    message, decoded = UnreadFrames(data), decode_binary(data)
    read = message.read()
    assert message.count == read.count == count
    assert (read.seq, read.t_ms) == (decoded.seq, decoded.t_ms)
    np.testing.assert_array_equal(read.values, decoded.values)


def test_what_is_no_message_is_refused_when_it_is_read() -> None:
    message = UnreadFrames(b"\1\1\2\0")
    assert message.count == 0
    with pytest.raises(WireError, match="shorter than its 8-byte header"):
        message.read()
