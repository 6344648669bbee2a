"""`scaleglove data ...`: recordings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from models.commands.options import Folder, Json
from models.commands.reading import read_episodes

if TYPE_CHECKING:
    from models.recordings import Report

app = typer.Typer(no_args_is_help=True, help="Recordings: check a folder of them.")


@app.command("check")
def check(folder: Folder, as_json: Json = False) -> None:
    """Report on a folder of recordings: how many, how fast, what is wrong with them."""
    _, report = read_episodes(folder)
    if as_json:
        print(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        _print_report(report)
    if report.unreadable:
        raise typer.Exit(1)


def _print_report(report: Report) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for title, counts in (("episodes", report.episodes), ("found", report.findings)):
        for name, count in counts.items():
            console.print(f"{title}: {name}: {count}")
    console.print(
        "milliseconds between frames (p5, median, p95): " + ", ".join(f"{ms:.0f}" for ms in report.interval_ms)
    )
    if of_each := report.letters.values():
        console.print(f"letters: {len(of_each)}, episodes of each: {min(of_each)} to {max(of_each)}")
    for fault in report.unreadable:
        console.print(f"unreadable: {fault}")
