"""Tests of accessibility: axe checks every view in light and dark, in both languages, on a desktop and a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.page.conftest import DESKTOP, PHONE, Opened, OpenPage

SEVERE = {"serious", "critical"}


@pytest.fixture(scope="module")
def axe() -> Axe:
    return Axe()


@pytest.mark.parametrize(("size", "color_scheme", "language"), [(DESKTOP, "light", "en"), (PHONE, "dark", "ko")])
def test_axe_finds_no_serious_fault(
    service: str,
    wear: Callable[..., object],
    open_page: OpenPage,
    axe: Axe,
    size: tuple[int, int],
    color_scheme: str,
    language: str,
) -> None:
    opened = open_page(service, size=size, color_scheme=color_scheme)
    page = opened.page
    page.locator("#language").select_option(language)
    views = [link.get_attribute("href") or "" for link in page.locator("#views a").all()]
    assert len(views) > 1
    found = faults(axe, opened, "no glove")
    wear()
    page.wait_for_function("() => document.getElementById('line').textContent !== ''")
    for view in views:
        page.locator(f"#views a[href='{view}']").click()
        page.locator(f"#view-{view[1:]}").wait_for()
        if view == "#models":
            page.locator("tr[data-model]").first.wait_for()
        opened.wait_for_rendering()
        found += faults(axe, opened, view)
    assert found == []


def faults(axe: Axe, opened: Opened, where: str) -> list[str]:
    violations = axe.run(opened.page).response["violations"]
    return [
        f"{where}: {violation['id']}: {violation['help']}: {violation['nodes'][0]['html'][:200]}"
        for violation in violations
        if violation["impact"] in SEVERE
    ]
