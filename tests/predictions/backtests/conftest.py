"""A market in files, and a teacher who need not teach."""

from pathlib import Path

import pytest

from core.lib.errors import NotEnoughHistory
from predictions.services.backtesting import parts, running
from tests.make.backtests import Bold
from tests.make.candle_files import a_folder


@pytest.fixture
def taught(monkeypatch):
    """Nothing is learned, so that tests are fast; what would have been is kept."""
    lessons = []

    def teacher(rows, batch):
        if not len(rows):
            raise NotEnoughHistory("nothing")
        lessons.append(rows)
        return {"ensemble": Bold()}

    monkeypatch.setattr(parts, "learned", teacher)
    running._read.cache_clear()
    return lessons


@pytest.fixture(scope="session")
def market(tmp_path_factory) -> Path:
    """BTC, ETH and SOL by the hour, 200 days from 2024-01-01 on."""
    return a_folder(tmp_path_factory.mktemp("candles"))
