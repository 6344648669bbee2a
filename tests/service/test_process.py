"""Set-up of a serving process, in a separate process, as it affects the whole process."""

from __future__ import annotations

import json
import subprocess
import sys

SETTLED = """
import json, numpy
from threadpoolctl import threadpool_info
from service.process import settle_process
settle_process()
print(json.dumps([pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]))
"""


def test_products_use_one_thread() -> None:
    done = subprocess.run([sys.executable, "-c", SETTLED], capture_output=True, text=True, check=True)
    assert set(json.loads(done.stdout)) == {1}
