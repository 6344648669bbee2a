"""`python -m scaleglove` is the `scaleglove` command."""

from scaleglove.cli import main

main()
