"""Fixtures of the models' tests that the benchmarks need too."""

from tests.models.cli.conftest import run  # noqa: F401 - a fixture
from tests.models.runtime.conftest import built  # noqa: F401 - a fixture
