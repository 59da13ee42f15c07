"""Snapshots are read in a thread that tidies its database connections, so every test here has one."""

import pytest


@pytest.fixture(autouse=True)
def _with_database(db: None) -> None:
    pass
