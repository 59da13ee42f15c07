"""Noon and half a minute, nothing ready and nothing remembered."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from core.api.hot.store import store
from predictions.selectors.tallies import _sums
from predictions.services.engines import _loaded
from tests.make.markets import NOON


@pytest.fixture
def noon() -> Iterator[Any]:
    """The clock stands at 12:00:30; `noon.move_to(…)` moves it."""
    with time_machine.travel(NOON + timedelta(seconds=30), tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def _nothing_remembered(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.ARTIFACTS = tmp_path / "artifacts"
    forget()
    yield
    forget()


def forget() -> None:
    store.cache_clear()
    _sums.cache_clear()
    _loaded.cache_clear()
