"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest

_DATA = Path(os.environ.get("METIER_DATA", Path(__file__).parents[2] / "shared" / "data"))


def pytest_collection_modifyitems(items):
    if not _DATA.is_dir():
        reason = f"the data sets are not at {_DATA}; set METIER_DATA"
        for item in items:
            if item.get_closest_marker("data"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def data_folder() -> Path:
    return _DATA
