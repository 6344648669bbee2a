"""What firmware spells in QEMU stands on the page, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

from scaleglove.hangul.spelling import letters
from tests.end_to_end.conftest import Part
from tests.firmware.builds import needs_qemu
from tests.firmware.conftest import BuildImage, build_image  # noqa: F401 - a fixture
from tests.page.conftest import Opened


def test_the_firmware_s_letters_stand_on_the_page(
    start: Callable[..., Part],
    open_page: Callable[..., Opened],
    build_image: BuildImage,  # noqa: F811
) -> None:
    needs_qemu()
    url = start("serve", "--port", "0").line().rpartition(" ")[2]
    glove = start("emulate", "--firmware", str(build_image().path("stm32f405-qemu.elf")))
    start("bridge", "--port", glove.line(), "--url", url)
    opened = open_page(url)
    opened.page.wait_for_function(
        "text => document.querySelector('[data-testid=line]').textContent.includes(text)",
        arg="".join(letters("안")),
        timeout=60_000,
    )
    opened.waits_for_state("Reading the glove")
    assert opened.faults == []
