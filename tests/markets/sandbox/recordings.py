"""Recorded replies of the real providers, where the checkout has them beside it."""

import gzip
import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[4] / "shared/data/recorded"


def recorded(name):
    """The recorded body as JSON; skips the test with a line where there is none."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"no recorded replies here ({name})")
    raw = path.read_bytes()
    return json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
