"""Tests of the models view: the table of models, switching a model, and the comparison of two."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from scaleglove.scales import SCALES
from tests.page.conftest import DESKTOP, PHONE, Opened, OpenPage, Start, streams, wait_until

DEFAULT = "MSCSGRU_ScaleAware_Encoded"
OTHER = "MSCSGRU_ScaleHard"
RANKED_BY = "leave_one_style_out"

_COMPARED = """async ([pairs, order]) => {
  const { Comparison } = await import("/views/models/comparison.js");
  const comparison = new Comparison();
  const places = [0, 0];
  for (const side of order) {
    const [label, confidence] = pairs[places[side]][side];
    const seq = places[side]++;
    comparison.push(side, { seq, t_ms: 5000 + 100 * seq, label, confidence, state: "ok" });
  }
  return comparison;
}"""

_OUT_OF_COLUMN = """() => {
  const table = document.querySelector("#view-models table");
  const headings = [...table.tHead.rows[0].cells].map(cell => cell.getBoundingClientRect().left);
  const isApart = (cell, column) => Math.abs(cell.getBoundingClientRect().left - headings[column]) > 1;
  return [...table.tBodies[0].rows].flatMap(row => [...row.cells].filter(isApart).map(cell => cell.textContent));
}"""
"""What stands under the heading of another column."""


def opened_at(open_page: OpenPage, url: str, size: tuple[int, int] = DESKTOP) -> Opened:
    opened = open_page(url, size=size)
    opened.page.get_by_role("link", name="Models").click()
    expect(rows(opened).first).to_be_visible()
    return opened


def rows(opened: Opened) -> Any:
    return opened.page.locator("#view-models tr[data-model]")


def row(opened: Opened, model: str) -> Any:
    return opened.page.locator(f"#view-models tr[data-model='{model}']")


def mean_of(measured: dict[str, Any], protocol: str) -> float:
    """Return the accuracy under a protocol, -1 where it was not measured."""
    return float(measured[protocol]["mean"]) if protocol in measured else -1.0


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_table_shows_the_served_models(service: str, open_page: OpenPage, size: tuple[int, int]) -> None:
    opened = opened_at(open_page, service, size)
    models = httpx.get(f"{service}/v1/models").json()["models"]
    contracts = {model["name"]: httpx.get(f"{service}/v1/models/{model['name']}").json() for model in models}
    measured = {name: contract["report"].get("accuracy_percent", {}) for name, contract in contracts.items()}
    shown = [found.get_attribute("data-model") for found in rows(opened).all()]
    assert sorted(shown) == sorted(contracts)
    ranks = [mean_of(measured[name], RANKED_BY) for name in shown]
    assert ranks == sorted(ranks, reverse=True)
    for model in models:
        text = row(opened, model["name"]).inner_text()
        assert f"{model['parameters']:,}" in text
        assert f"{model['window_ms']:.2f} ms" in text
        for protocol in (RANKED_BY, "cross_user", "self_calibration", "few_shot_3_any_bend", "random"):
            if protocol in measured[model["name"]]:  # the others leave out people, not styles
                assert f"{mean_of(measured[model['name']], protocol):.1f} %" in text
        assert row(opened, model["name"]).get_by_role("button").is_disabled()  # without a glove
    one, other = (opened.page.get_by_test_id(f"compare-{side}").input_value() for side in (1, 2))
    assert one == DEFAULT != other
    assert contracts[other]["vocabulary"] == contracts[DEFAULT]["vocabulary"]
    headings = opened.page.locator("#view-models table").first.locator("th[role=columnheader]").all_text_contents()
    assert len(headings) >= 9
    assert all(heading.strip() for heading in headings), headings
    if size == DESKTOP:  # on a phone each model is a card
        assert opened.page.evaluate(_OUT_OF_COLUMN) == []
    assert opened.fits()
    assert opened.faults == []


def test_importance_is_shown_before_and_after_training(service: str, open_page: OpenPage) -> None:
    opened = opened_at(open_page, service)
    opened.page.get_by_test_id("importance-of").select_option(OTHER)
    contract = httpx.get(f"{service}/v1/models/{OTHER}").json()
    panels = opened.page.locator("#view-models .panel")
    assert panels.count() == 6
    for place, (layer, gate) in enumerate(
        (layer, gate) for layer in ("gru_layer1", "gru_layer2") for gate in ("update_gate", "reset_gate", "hidden_gate")
    ):
        text = panels.nth(place).inner_text()
        for scale in SCALES:
            before, after = (
                contract[norms][layer][gate][f"scale_{scale}"] for norms in ("initial_importance", "weight_importance")
            )
            assert f"{before:.2f} → {after:.2f}" in text
    assert opened.faults == []


def test_the_user_switches_the_model_of_the_glove(signing: str, open_page: OpenPage) -> None:
    opened = opened_at(open_page, signing)
    expect(row(opened, DEFAULT)).to_contain_text("used for this glove")
    row(opened, OTHER).get_by_role("button").press("Enter")
    expect(row(opened, OTHER)).to_contain_text("used for this glove")
    expect(row(opened, DEFAULT)).not_to_contain_text("used for this glove")
    assert [stream["model"] for stream in streams(signing)] == [OTHER]
    opened.page.get_by_role("link", name="Live").click()
    expect(opened.page.locator("#facts")).to_contain_text(OTHER)
    seq = max(message["seq"] for message in opened.received if message["type"] == "prediction")
    opened.page.wait_for_function("seq => Number(document.getElementById('letter').dataset.seq) > seq", arg=seq)
    assert opened.faults == []


def test_two_models_are_compared_on_the_same_windows(signing: str, open_page: OpenPage) -> None:
    opened = opened_at(open_page, signing)
    page = opened.page
    page.get_by_test_id("compare-1").select_option(DEFAULT)
    page.get_by_test_id("compare-2").select_option(OTHER)
    page.get_by_test_id("compare").click()
    for side in (1, 2):
        expect(page.get_by_test_id(f"side-{side}").locator(".side-transcript")).not_to_be_empty()
    listed = streams(signing)
    (glove,) = (stream["stream"] for stream in listed if stream["copy_of"] is None)
    copies = [stream for stream in listed if stream["copy_of"] == glove]
    assert sorted(stream["model"] for stream in copies) == sorted([DEFAULT, OTHER])
    expect(page.get_by_test_id("agreement")).to_have_text(re.compile(r"of (6[1-9]|[7-9]\d|\d{3,}) windows"))
    same, windows = map(int, re.findall(r"\d+", page.get_by_test_id("agreement").inner_text())[:2])
    assert 0 < same <= windows
    with page.expect_response("**/v1/streams"):  # the list is polled again: a copy is not another glove
        pass
    opened.wait_for_rendering()
    assert page.locator("#streams-field").is_hidden()
    page.get_by_test_id("compare").click()
    expect(page.get_by_test_id("compare")).to_have_text("Compare")
    wait_until(lambda: len(streams(signing)) == 1)
    assert opened.faults == []


def test_the_comparison_continues_after_a_restart_of_the_service(start: Start, open_page: OpenPage) -> None:
    first = start("serve", "--port", "0")
    url = first.line().rpartition(" ")[2]
    glove = start("emulate", "--text", "안녕", "--hold-s", "1")
    start("bridge", "--port", glove.line(), "--url", url)
    opened = opened_at(open_page, url)
    page = opened.page
    page.get_by_test_id("compare").click()
    expect(page.get_by_test_id("agreement")).to_contain_text("windows (")
    first.stop()
    opened.wait_for_state("Service not reachable")
    start("serve", "--port", url.rpartition(":")[2]).line()
    wait_until(lambda: len(streams(url)) == 3)  # the glove and its two copies
    agreement = page.get_by_test_id("agreement")
    expect(agreement).not_to_have_text(agreement.inner_text())
    expect(agreement).to_contain_text("windows (")
    assert page.get_by_test_id("compare").inner_text() == "Stop comparing"


@pytest.mark.parametrize("order", [[0, 1] * 6, [0] * 6 + [1] * 6, [1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1]])
def test_windows_are_paired_in_any_order_of_answers(service: str, open_page: OpenPage, order: list[int]) -> None:
    pairs = [
        [["ㄱ", 0.9], ["ㄱ", 0.8]],
        [["ㄱ", 0.9], ["ㄴ", 0.4]],
        [["ㄱ", 0.95], ["ㄴ", 0.7]],
        [[None, None], [None, None]],
        [["ㄱ", 0.5], [None, None]],
        [["ㄷ", 0.9], ["ㄷ", 0.8]],
    ]
    compared = open_page(service).page.evaluate(_COMPARED, [pairs, order])
    assert (compared["same"], compared["windows"]) == (3, 6)
    spans = [(found["fromMs"], found["toMs"]) for found in compared["differences"]]
    assert spans == [(400, 400), (100, 200)]
    most_confident = compared["differences"][1]["answers"]
    assert [(each["label"], each["confidence"]) for each in most_confident] == [("ㄱ", 0.95), ("ㄴ", 0.7)]


def test_every_shipped_model_is_explained_where_it_is_chosen(open_page: OpenPage, signing: str) -> None:
    opened = opened_at(open_page, signing)
    for row in rows(opened).all():
        expect(row.get_by_test_id("about")).not_to_be_empty()
