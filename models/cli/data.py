"""Commands `scaleglove data ...`."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from models.cli.options import Folder, Json, read_episodes
from scaleglove.errors import ScaleGloveError

if TYPE_CHECKING:
    from models.data.fetch import Source, Unpacked
    from scaleglove.recordings import Report

app = typer.Typer(no_args_is_help=True, help="Fetch and check recordings.")


@app.command("check")
def check(folder: Folder, as_json: Json = False) -> None:
    """Report on a folder of recordings: their number, their rate, their faults, and what is unusual about the glove."""
    from models.data.survey import survey
    from scaleglove.recordings.folder import UNNAMED

    episodes, report = read_episodes(folder)
    notices = survey(episodes)
    if as_json:
        print(json.dumps(report.as_dict() | {"notices": [asdict(one) for one in notices]}, ensure_ascii=False))
    else:
        _print_report(report)
        for notice in notices:
            print(f"unusual: {notice.collection or UNNAMED}: {notice.text}")
    if report.unreadable:
        raise typer.Exit(1)


@app.command("fetch")
def fetch(
    into: Annotated[Path, typer.Option(help="folder to write to", file_okay=False)] = Path("recordings"),
    source: Annotated[
        list[str] | None, typer.Option("--from", help="OWNER/NAME[@REF]; default: the two public repositories")
    ] = None,
    server: Annotated[str, typer.Option(help="server of the repositories' archives")] = "https://codeload.github.com",
    as_json: Json = False,
) -> None:
    """Fetch the public recordings (needs a network); SOURCES.txt in the folder names their sources."""
    from models.data.fetch import LICENCE, SOURCES, Source

    sources = [Source.parse(text) for text in source or SOURCES]
    into.mkdir(parents=True, exist_ok=True)
    written: set[Path] = set()
    lines: list[str] = []
    for one in sources:
        unpacked = _fetch(one, server, into)
        written |= unpacked.episodes
        found = f"{len(unpacked.episodes)} episodes, {unpacked.other_days} of other days skipped"
        lines.append(f"{one.repository} at {unpacked.commit or one.ref}: {found}")
        if written:  # now, since a later source may fail
            _note_source(
                into / "SOURCES.txt", lines[-1], LICENCE if one.repository in SOURCES else "licence not stated"
            )
    if not written:
        raise ScaleGloveError(f"no recordings of the known collections: {'; '.join(lines)}")
    counts = dict(sorted(Counter(path.parts[0] for path in written).items()))
    if as_json:
        print(json.dumps({"folder": str(into), "episodes": counts, "sources": lines}, ensure_ascii=False))
    else:
        print("\n".join([*lines, *(f"{into / name}: {count} episodes" for name, count in counts.items())]))


def _note_source(path: Path, source: str, licence: str) -> None:
    """Add a source to those of a folder."""
    noted = path.read_text(encoding="utf-8") if path.exists() else ""
    entry = f"{source}\n{licence}\n"
    if entry not in noted:
        path.write_text(noted + entry, encoding="utf-8")


def _fetch(source: Source, server: str, into: Path) -> Unpacked:
    from models.data.fetch import download, unpack

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with (
        TemporaryDirectory() as folder,
        Progress(*columns, console=console, disable=not console.is_terminal) as progress,
    ):
        task = progress.add_task(source.repository, total=None)

        def arrived(count: int, total: int | None) -> None:
            progress.update(task, advance=count, total=total)

        archive = Path(folder) / "archive.zip"
        download(source.url(server), archive, arrived)
        return unpack(archive, into)


def _print_report(report: Report) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for title, counts in (("episodes", report.episodes), ("found", report.findings)):
        for name, count in counts.items():
            console.print(f"{title}: {name}: {count}")
    console.print(
        "milliseconds between frames (p5, median, p95): " + ", ".join(f"{ms:.0f}" for ms in report.interval_ms)
    )
    if of_each := report.labels.values():
        console.print(f"labels: {len(of_each)}, episodes of each: {min(of_each)} to {max(of_each)}")
    if report.unlabelled:
        console.print(f"without a label: {report.unlabelled}; folders COLLECTION/LABEL/BEND name it", markup=False)
    for fault in report.unreadable:
        console.print(f"unreadable: {fault}")
