"""Tests of the names that people gave their gloves, where the page lists or shows one."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from scaleglove.client.gloves import Glove
from tests.models.adaptation.test_glove_check import session
from tests.page.conftest import OpenPage
from tests.service.conftest import running

BLUE = "2341:0043:B"


def test_two_gloves_are_distinguished_by_their_names(tmp_path: Path, open_page: OpenPage) -> None:
    with running(database_url=f"sqlite:///{tmp_path}/gloves.db") as service:
        blue = Glove(service.url, "blue")
        blue.create()
        blue.calibrate(session())
        blue.tie(BLUE)
        Glove(service.url, "파란").create()
        with service.stream(usb=BLUE) as (_, first), service.stream(usb="2341:0043:OTHER") as (_, second):
            opened = open_page(service.url)
            choice = opened.page.get_by_test_id("streams")
            expect(choice.locator("option", has_text=f"blue ({first['stream']}), since")).to_have_count(1)
            choice.select_option(first["stream"])
            fact = opened.page.locator("#fact-glove")
            expect(fact).to_have_text("blue, profile 1")
            for each in (second, first, second):  # before the connection to the one before is there
                choice.select_option(each["stream"])
            expect(fact).to_be_hidden()
            Glove(service.url, "파란").tie("2341:0043:OTHER")  # while its stream runs
            expect(fact).to_have_text("파란, without a profile")
            expect(choice.locator("option", has_text=f"파란 ({second['stream']})")).to_have_count(1)
            assert opened.faults == []
