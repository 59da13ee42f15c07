"""Each test starts with nothing counted and nothing ready."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from core.api.hot.store import store
from core.api.standing import standings
from core.api.throttling import limiter
from tests.core.api.urlconf import Kept

_NUMBERS = count(1)


@pytest.fixture(scope="session", autouse=True)
def _a_folder_of_static_files() -> None:
    """whitenoise warns where there is none, and warnings are errors."""
    Path(django_settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True)
def _nothing_remembered(settings: Any) -> Iterator[None]:
    settings.KEY_PREFIX = f"{settings.KEY_PREFIX}-{next(_NUMBERS)}"
    Kept.asked, Kept.seconds = 0, 60.0
    for remembered in (limiter, standings, store):
        remembered.cache_clear()
    yield
    for remembered in (limiter, standings, store):
        remembered.cache_clear()
