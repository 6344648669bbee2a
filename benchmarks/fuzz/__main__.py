"""`python -m benchmarks.fuzz`."""

from __future__ import annotations

import typer

from benchmarks.fuzz.command import main

if __name__ == "__main__":
    typer.run(main)
