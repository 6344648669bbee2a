"""The viewer of the OpenAPI document where there is no internet: what it would load does not arrive."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Yield a page that reaches this machine alone."""
    page = browser.new_page()
    page.route("https://**", lambda route: route.abort())
    yield page
    page.close()


def test_it_says_what_it_needs_and_leads_to_the_document(page: Page, service: str) -> None:
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{service}/docs")
    page.get_by_text("it needs the internet").wait_for()
    assert all("net::ERR_" in fault for fault in faults), faults  # its own script runs within its policy
    page.get_by_role("link", name="openapi.json").click()
    page.get_by_text('"openapi":').wait_for()
