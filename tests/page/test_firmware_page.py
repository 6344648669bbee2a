"""Test that the page shows what the firmware spells in QEMU."""

from __future__ import annotations

from scaleglove.hangul.spelling import letters
from tests.firmware.builds import needs_qemu
from tests.firmware.conftest import BuildImage, build_image  # noqa: F401 - a fixture
from tests.page.conftest import OpenPage, Start


def test_the_page_shows_the_letters_of_the_firmware(
    service: str,
    start: Start,
    open_page: OpenPage,
    build_image: BuildImage,  # noqa: F811
) -> None:
    needs_qemu()
    glove = start("emulate", "--firmware", str(build_image().path("stm32f405-qemu.elf")))
    start("bridge", "--port", glove.line(), "--url", service)
    opened = open_page(service)
    opened.page.wait_for_function(
        "text => document.querySelector('[data-testid=line]').textContent.includes(text)", arg="".join(letters("안"))
    )
    opened.wait_for_state("Reading the glove")
    assert opened.faults == []
