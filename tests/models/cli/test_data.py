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


def test_data_check_says_what_is_unusual_with_codes(run: Run, tmp_path: Path) -> None:
    rows = [f"{20 * n},{-17 - n % 2},-64,-61,{3144 + n % 3},3112,3444,3440,3528" for n in range(40)]
    path = tmp_path / "mine" / "ㄱ" / "1" / "episode_20260101_120000_ㄱ_1.csv"
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(["timestamp_ms,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5", *rows]))
    assert "unusual: mine: flex readings from 3112 to 3528" in run("data", "check", tmp_path).stdout
    notices = json.loads(run("data", "check", tmp_path, "--json").stdout)["notices"]
    assert {"scale_12_bit", "sensor_still"} == {notice["code"] for notice in notices}
    assert {notice["collection"] for notice in notices} == {"mine"}


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


def test_data_check_counts_labels_of_any_name(run: Run, few: Path, tmp_path: Path) -> None:
    own = {"ㄱ": "up", "ㄴ": "thank you", "ㄷ": "stop"}
    for number, source in enumerate(sorted(few.rglob("*.csv"))):
        collection, letter, bend = source.parts[-4:-1]
        target = tmp_path / "own" / collection / own[letter] / bend / f"{number}.csv"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    assert "labels: 3, episodes of each: " in run("data", "check", tmp_path / "own").stdout
    shutil.copy(source, tmp_path / "own" / "loose.csv")
    report = json.loads(run("data", "check", tmp_path / "own", "--json").stdout)
    assert (set(report["labels"]), report["unlabelled"]) == (set(own.values()), 1)
