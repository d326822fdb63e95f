"""Everything here breaks something in the middle; `tox -e robustness` runs it."""

from pathlib import Path

import pytest
from faulty import Bench

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.robustness)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench.made(tmp_path)
