"""Accounts hash passwords all the time: here each hash is as cheap as Argon2 goes."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

from tests.make.accounts import _hashed


@pytest.fixture(autouse=True, scope="session")
def cheap_hashes():
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"time_cost": 1, "memory_cost": 8, "parallelism": 1}.items():
            patch.setattr(Argon2PasswordHasher, name, value)
        # A hash that another folder's tests made at full cost would be renewed at its first use: a second hash.
        _hashed.cache_clear()
        yield


@pytest.fixture(autouse=True, scope="session")
def static_folder():
    """whitenoise warns of a folder that isn't there, and a warning is an error."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
