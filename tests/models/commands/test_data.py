from __future__ import annotations

import json
from pathlib import Path

from tests.models.commands.conftest import Run


def test_data_check_names_the_unreadable_and_fails(run: Run, few: Path) -> None:
    broken = sorted(few.rglob("*.csv"))[0]
    broken.write_text("x\n")
    for options in ([], ["--json"]):
        done = run("data", "check", few, *options)
        assert done.returncode == 1
        assert broken.name in done.stdout
    assert json.loads(done.stdout)["interval_ms"]["median"] > 10
