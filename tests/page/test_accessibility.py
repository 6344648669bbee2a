"""axe finds no serious fault in any view, in light and dark, in either language, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.end_to_end.conftest import Part
from tests.page.conftest import DESKTOP, PHONE, Opened

Start = Callable[..., Part]
OpenPage = Callable[..., Opened]

GRAVE = {"serious", "critical"}


@pytest.fixture(scope="module")
def axe() -> Axe:
    return Axe()


@pytest.mark.parametrize(("size", "color_scheme", "language"), [(DESKTOP, "light", "en"), (PHONE, "dark", "ko")])
def test_axe_finds_no_serious_fault(
    start: Start, open_page: OpenPage, axe: Axe, size: tuple[int, int], color_scheme: str, language: str
) -> None:
    url = start("serve", "--port", "0").line().rpartition(" ")[2]
    glove = start("emulate", "--text", "안녕", "--hold-s", "1")
    opened = open_page(url, size=size, color_scheme=color_scheme)
    page = opened.page
    page.locator("#language").select_option(language)
    views = [link.get_attribute("href") or "" for link in page.locator("#views a").all()]
    assert len(views) > 1
    found = faults(axe, opened, "no glove yet")
    start("bridge", "--port", glove.line(), "--url", url)
    page.wait_for_function("() => document.getElementById('line').textContent !== ''", timeout=60_000)
    for view in views:
        page.locator(f"#views a[href='{view}']").click()
        page.locator(f"#view-{view[1:]}").wait_for()
        page.wait_for_timeout(300)
        found += faults(axe, opened, view)
    assert found == []


def faults(axe: Axe, opened: Opened, where: str) -> list[str]:
    violations = axe.run(opened.page).response["violations"]
    return [
        f"{where}: {violation['id']}: {violation['help']}: {violation['nodes'][0]['html'][:200]}"
        for violation in violations
        if violation["impact"] in GRAVE
    ]
