"""`python -m scaleglove` is the `scaleglove` command."""

import sys
from pathlib import Path

# `python -m` puts the working directory first, where a `models.py` or `service/` of the user would hide the installed
# packages. A checkout is left in: there the packages themselves are found by it.
if not sys.flags.safe_path and Path(sys.path[0]) != Path(__file__).parents[1]:
    del sys.path[0]

from scaleglove.cli import main

main()
