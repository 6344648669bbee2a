"""The page behind the proxies of `deploy/`, with TLS and a path prefix."""

from __future__ import annotations

import os
import subprocess
import sys

from playwright.sync_api import expect

from tests.deadlines import RUN_S
from tests.deploy.conftest import Behind, behind
from tests.page.conftest import OpenPage

_ = behind  # a fixture

VIEWS = ("Glove", "Calibrate", "Models", "Recordings", "API", "Live")


def test_the_page_works_below_a_prefix(behind: Behind, open_page: OpenPage) -> None:
    # A listener sees each request, also those of modules: any that left the prefix is a fault.
    opened = open_page(f"{behind.url}/", ignore_https_errors=True)
    page = opened.page
    page.get_by_role("button", name="Start a demo glove").click()
    opened.wait_for_state("Reading the glove")
    opened.wait_for_messages(1, "text")
    expect(page.locator("#letter")).not_to_be_empty()
    expect(page.locator("#transcript")).not_to_be_empty()
    for view in VIEWS:
        page.get_by_role("link", name=view, exact=True).click()
        expect(page.locator(f"#view-{view.lower() if view != 'Glove' else 'gloves'}")).to_be_visible()
        opened.wait_for_rendering()
    assert page.evaluate("isSecureContext")  # or there is no Web Serial
    assert opened.faults == []


def test_the_programs_of_the_api_view_run_as_they_are(behind: Behind, open_page: OpenPage) -> None:
    opened = open_page(f"{behind.url}/", ignore_https_errors=True)
    page = opened.page
    page.get_by_role("link", name="API", exact=True).click()
    for path in ("openapi.json", "asyncapi.json"):
        assert page.get_by_role("link", name=f"/{path}").get_attribute("href") == f"{behind.url}/{path}"
    shown = {}
    for language in ("curl", "Python", "JavaScript"):
        page.get_by_role("button", name=language, exact=True).click()
        page.wait_for_function("l => document.querySelector(`[aria-pressed=true]`).textContent === l", arg=language)
        shown[language] = page.locator("#view-api code").all_inner_texts()
        assert all(behind.url.partition("//")[2] in text for text in shown[language])
    assert any(behind.url.replace("https", "wss") in text for text in shown["JavaScript"])
    environment = os.environ | {"CURL_CA_BUNDLE": str(behind.certificate)}
    for command in shown["curl"]:
        done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.startswith("{")
        assert '"status"' not in done.stdout  # no problem
    _, *sending = shown["Python"]
    for program in sending:
        command, trusting = [sys.executable, "-c", program], os.environ | {"SSL_CERT_FILE": str(behind.certificate)}
        done = subprocess.run(command, env=trusting, capture_output=True, text=True, timeout=RUN_S, check=True)
        assert done.stdout
    assert opened.faults == []
