"""The encoding of a channel bin by bin, and the skip connection."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from hypothesis.extra.numpy import arrays  # noqa: E402

from models.networks.encoded import (  # noqa: E402
    BINS,
    NEWEST_FRAMES,
    YAW,
    Encoding,
    MSCSGRU_ScaleAware_Encoded,
    MSCSGRU_ScaleAware_Moving,
)
from models.networks.normaliser import Normaliser  # noqa: E402
from models.networks.scale_aware import parameter_count  # noqa: E402
from scaleglove.channels import CHANNELS  # noqa: E402

ANGLE_FEATURES = 4
NAME = "MSCSGRU_ScaleAware_Encoded"
ANY_FRAMES = arrays(np.float32, (7, 8), elements=st.floats(-1e6, 1e6, width=32))
RAW = np.random.default_rng(0).uniform([700] * 5 + [-170] * 3, [900] * 5 + [170] * 3, (4000, 8)).astype(np.float32)


@pytest.fixture(scope="module")
def normaliser() -> Normaliser:
    return Normaliser.fit([RAW])


@pytest.fixture(scope="module")
def encoding(normaliser: Normaliser) -> Encoding:
    made = Encoding()
    made.fit(*map(torch.from_numpy, (normaliser.apply(RAW), normaliser.gain, normaliser.offset)))
    return made


def bins(encoding: Encoding, frames: object) -> object:
    """Return the bins float[n, 8, BINS] of normalised frames float[n, 8]."""
    features = encoding(torch.as_tensor(frames, dtype=torch.float32))
    return features[:, ANGLE_FEATURES:].reshape(-1, len(CHANNELS), BINS).numpy()


@given(ANY_FRAMES)
def test_each_bin_is_a_ramp_of_its_channel_alone_and_ends_where_training_ended(
    encoding: Encoding, frames: object
) -> None:
    found = bins(encoding, frames)
    for channel in range(len(CHANNELS)):
        for b, (low, per_width) in enumerate(zip(encoding.low[channel], encoding.per_width[channel], strict=True)):
            ramp = np.interp(frames[:, channel], [float(low), float(low + 1 / per_width)], [0, 1])
            np.testing.assert_allclose(found[:, channel, b], ramp, atol=1e-4)


@given(ANY_FRAMES)
def test_a_larger_reading_never_gives_a_smaller_feature(encoding: Encoding, frames: object) -> None:
    found = bins(encoding, np.sort(frames, axis=0))
    assert (np.diff(found, axis=0) >= 0).all()
    assert found.min() >= 0
    assert found.max() <= 1


def test_the_bins_share_the_training_frames_and_leave_no_gap(encoding: Encoding, normaliser: Normaliser) -> None:
    frames = normaliser.apply(RAW)
    found = bins(encoding, frames)
    inside = ((found > 0) & (found < 1)).sum(axis=0)
    np.testing.assert_allclose(inside, len(RAW) / BINS, rtol=0.02)
    # What is above each start adds up to the reading again: nothing is lost within the training range.
    again = (found / encoding.per_width.numpy()).sum(axis=2) + encoding.low[:, 0].numpy()
    np.testing.assert_allclose(again, frames, atol=1e-4)


def test_a_reading_that_most_frames_share_makes_no_bin_without_width() -> None:
    still = torch.zeros(500, 8)
    still[:40] = torch.linspace(-1, 1, 40).unsqueeze(1)
    made = Encoding()
    made.fit(still, torch.ones(8), torch.zeros(8))
    assert torch.isfinite(made.per_width).all()
    assert (made.per_width > 0).all()
    assert (made.per_width <= 101).all()
    np.testing.assert_allclose(made.low[:, 1:], (made.low + 1 / made.per_width)[:, :-1], atol=1e-5)


@given(arrays(np.float32, (9, 2), elements=st.floats(-720, 720, width=32)))
def test_sine_and_cosine_are_those_of_the_angles_of_the_glove(
    encoding: Encoding, normaliser: Normaliser, degrees: object
) -> None:
    raw = np.full((9, 8), 800, np.float32)
    raw[:, 5:7] = degrees
    features = encoding(torch.from_numpy(normaliser.apply(raw)))[:, :ANGLE_FEATURES]
    radians = np.radians(degrees.astype(np.float64))
    np.testing.assert_allclose(features, 2 * np.hstack([np.sin(radians), np.cos(radians)]), atol=1e-3)


def test_parameters_are_counted_and_the_channels_are_a_gloves() -> None:
    network = MSCSGRU_ScaleAware_Encoded(classes=24)
    towers = (4 + 8 * 16) * 32 * (3 + 5 + 7) + 3 * (32 + 64) + 2 * 96
    recurrence = 3 * 64 * (3 * 32 + 64 + 1) + 3 * 64 * (3 * 64 + 64 + 1)
    head = (64 + 132 + 1) * 192 + (192 + 1) * 192 + 4 * 192 + 193 * 24
    assert parameter_count(network) == towers + recurrence + head == 224_376
    with pytest.raises(ValueError, match="8, the channels of a glove, not 9"):
        MSCSGRU_ScaleAware_Encoded(input_size=9, classes=24)


def test_the_embedding_is_of_the_newest_frames_without_yaw(settled) -> None:
    network = settled(NAME)
    x = torch.randn(1, 40, 8)
    older, newest, yaw = x.clone(), x.clone(), x.clone()
    older[:, :-NEWEST_FRAMES] += 1
    newest[:, -NEWEST_FRAMES, 0] += 0.5
    yaw[..., YAW] += 1
    with torch.no_grad():
        probabilities, embedding = network.recognise(x)
        for changed, same in ((older, True), (newest, False), (yaw, True)):
            answer, moved = network.recognise(changed)
            assert torch.equal(moved, embedding) == same
            assert not torch.allclose(answer, probabilities, atol=1e-6)
        averaged = network.encoding(x[:, -NEWEST_FRAMES:]).mean(dim=1)
    torch.testing.assert_close(embedding, averaged[:, :-BINS] @ network.metric)


@pytest.mark.parametrize("length", [1, 4, NEWEST_FRAMES - 1, NEWEST_FRAMES, NEWEST_FRAMES + 1, 39])
def test_the_newest_frames_are_the_newest_valid_ones_or_all_where_there_are_fewer(settled, length: int) -> None:
    network = settled(NAME)
    x, x_padding = torch.randn(1, 40, 8), torch.arange(40).unsqueeze(0) >= length
    x[x_padding] = float("nan")
    with torch.no_grad():
        _, _, skip = network.encode(x, x_padding)
        expected = network.encoding(x[:, max(0, length - NEWEST_FRAMES) : length]).mean(dim=1)
    torch.testing.assert_close(skip, expected)


def test_in_training_a_feature_is_dropped_from_a_whole_window(settled) -> None:
    network = settled(NAME).train()
    x = torch.randn(40, 12, 8)
    encoded = network.encoding(x)
    with torch.no_grad():
        skip = network.encode(x, None)[2]
    whole = encoded[:, -NEWEST_FRAMES:].mean(dim=1) / 0.8
    dropped = skip == 0
    torch.testing.assert_close(skip, whole.masked_fill(dropped, 0))
    assert (dropped & (whole != 0)).float().mean() == pytest.approx(0.2, abs=0.03)


def test_the_embedding_for_signs_that_move_tells_windows_that_end_alike() -> None:
    torch.manual_seed(0)
    plain, moving = MSCSGRU_ScaleAware_Encoded(classes=24).eval(), MSCSGRU_ScaleAware_Moving(classes=24).eval()
    one = torch.randn(1, 40, 8)
    other = one.clone()
    other[:, : -NEWEST_FRAMES - 5] = torch.randn(1, 40 - NEWEST_FRAMES - 5, 8)
    with torch.inference_mode():
        assert torch.equal(plain.features(one), plain.features(other))
        state = moving.features(one)[:, : -plain.features(one).shape[1]]
        assert not torch.equal(state, moving.features(other)[:, : state.shape[1]])
        assert torch.equal(moving.features(one)[:, state.shape[1] :], moving.features(other)[:, state.shape[1] :])
    assert parameter_count(plain) == parameter_count(moving)
