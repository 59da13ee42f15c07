"""Replies that were recorded from the real sources; they lie beside the project, not in it."""

import gzip
from pathlib import Path

import pytest

RECORDED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "recorded"


def recorded(name: str) -> bytes:
    """A recorded reply's bytes; the test is skipped where the recordings are not at hand."""
    path = RECORDED / name
    if not path.exists():
        pytest.skip(f"the recording {name} is not at hand")
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def recorded_names(folder: str) -> list[str]:
    return [f"{folder}/{path.name}" for path in sorted((RECORDED / folder).glob("*.json*"))]
