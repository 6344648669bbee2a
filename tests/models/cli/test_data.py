from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.commands import Run
from tests.models.data.web import COMMIT, make_archive, serving


def test_data_check_names_the_unreadable_and_fails(run: Run, few: Path) -> None:
    broken = sorted(few.rglob("*.csv"))[0]
    broken.write_text("x\n")
    for options in ([], ["--json"]):
        done = run("data", "check", few, *options)
        assert done.returncode == 1
        assert broken.name in done.stdout
    assert json.loads(done.stdout)["interval_ms"]["median"] > 10


def test_fetched_recordings_can_be_checked(run: Run, recordings_root: Path, tmp_path: Path) -> None:
    def episodes(folder: str) -> dict[str, str]:
        """Return two episodes with their paths in a public repository."""
        found = sorted((recordings_root / folder / "ㄱ" / "1").glob("*.csv"))[:2]
        return {f"unified/unified_X/ㄱ/1/{path.name}": path.read_text(encoding="utf-8") for path in found}

    served = tmp_path / "served"
    make_archive(served / "o" / "one" / "zip" / "HEAD", episodes("collection_a"))
    make_archive(served / "o" / "two" / "zip" / "v2", episodes("collection_a") | episodes("collection_b"))
    with serving(served) as address:
        server = ("--server", address)
        done = run("data", "fetch", "--into", "here", "--from", "o/one", "--from", "o/two@v2", *server, "--json")
        assert done.returncode == 0, done.stderr
        counts = {"collection_a": 2, "collection_b": 2}
        assert json.loads(done.stdout)["episodes"] == counts
        assert json.loads(run("data", "check", "here", "--json").stdout)["episodes"] == counts
        sources = (tmp_path / "here" / "SOURCES.txt").read_text(encoding="utf-8")
        assert f"o/two at {COMMIT}: 4 episodes" in sources
        assert "licence not stated" in sources  # of a repository that nobody here knows

        shutil.rmtree(tmp_path / "here")
        make_archive(served / "o" / "none" / "zip" / "HEAD", {"README.md": ""})
        for name, words in (("o/none", "no recordings of the known collections"), ("o/three", "answers 404")):
            failed = run("data", "fetch", "--into", "here", "--from", name, *server)
            assert (failed.returncode, words in failed.stderr) == (1, True)
            assert not list((tmp_path / "here").iterdir())
