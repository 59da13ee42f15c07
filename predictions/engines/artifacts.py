"""Pools of trained engines as files: plain arrays and a JSON header in one .npz, never a pickle.

The digest covers header and arrays, not the file's own bytes, so the same state has the same digest wherever
it is written. `load` refuses what is damaged, foreign, made for other definitions or for features that are
not computed.
"""

import hashlib
import json
import os
import zipfile
import zlib
from importlib.metadata import version as library_version
from pathlib import Path
from typing import Any

import numpy as np

from core.lib.errors import ArtifactRefused
from predictions.engines import lstm, lstm_learning
from predictions.engines.pool import NAMES, Arrays, Pool
from predictions.features.frame import FEATURE_NAMES
from predictions.horizons import DEFINITIONS, by_name

FORMAT = 2
MOST_BYTES = 64 * 1024 * 1024
_NEEDED = ("engines", "version", "timeframe", "definitions", "features", "digest", "format")
_LISTS = ("engines", "features")
# A damaged archive may also claim another zip version, a way of packing or a password (RuntimeError).
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)


def save(path: Path, pool: Pool, **more: Any) -> str:
    """Write the pool and give its digest; `more` joins the header (scores, data digest, trained_at).

    The file appears whole or not at all.
    """
    arrays = pool.arrays()
    header = {**pool.header, **more, "format": FORMAT, "libraries": _libraries(pool)}
    header["digest"] = _digest(header, arrays)
    text = np.frombuffer(json.dumps(header, allow_nan=False).encode(), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, header=text, **arrays)
    draft.replace(path)
    return str(header["digest"])


def load(path: Path, expected_digest: str | None = None) -> Pool:
    """The pool in that file. Raises ArtifactRefused with what is wrong; never runs anything out of the file."""
    header, arrays = _read(path)
    _refuse_foreign(path, header, arrays, expected_digest)
    try:
        return Pool.of_arrays(header, arrays)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise ArtifactRefused(
            f"{path.name} lacks a part of its engines ({error}); train it again."
        ) from error


def read_header(path: Path) -> dict[str, Any]:
    """What a file says about itself, unchecked; for lists and messages."""
    return _read(path)[0]


def _read(path: Path) -> tuple[dict[str, Any], Arrays]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ArtifactRefused(f"{path.name} is larger than {MOST_BYTES} bytes, which no engine is.")
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(arrays.pop("header").tobytes())
    except _UNREADABLE as error:
        raise ArtifactRefused(f"{path.name} cannot be read ({error}); restore it or train again.") from error
    if not isinstance(header, dict) or any(name not in header for name in _NEEDED):
        raise ArtifactRefused(f"{path.name} has no whole header; restore it or train again.")
    if not (all(map(_is_words, (header[name] for name in _LISTS))) and _is_words([header["timeframe"]])):
        raise ArtifactRefused(f"{path.name} names its parts in another way; restore it or train again.")
    return header, arrays


def _is_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


def _refuse_foreign(path: Path, header: dict[str, Any], arrays: Arrays, expected: str | None) -> None:
    digest = _digest({name: value for name, value in header.items() if name != "digest"}, arrays)
    unknown = [name for name in header["features"] if name not in FEATURE_NAMES]
    strange = [name for name in header["engines"] if name not in NAMES]
    wrong = {
        "its content is not what its digest says": digest != header["digest"],
        f"its digest is not the expected {str(expected)[:12]}": expected not in (None, digest),
        f"it is of definitions {header['definitions']}, not {DEFINITIONS}": header["definitions"]
        != DEFINITIONS,
        f"its format is {header['format']}, not {FORMAT}": header["format"] != FORMAT,
        f"it holds engines that are unknown ({', '.join(strange[:3])})": bool(strange),
        f"its timeframe {header['timeframe']!r} is unknown": header["timeframe"] not in by_name,
        f"it wants features that are not computed ({', '.join(unknown[:3])})": bool(unknown),
    }
    for reason, so in wrong.items():
        if so:
            raise ArtifactRefused(f"{path.name} is refused: {reason}; train it again.")


def _digest(header: dict[str, Any], arrays: Arrays) -> str:
    content = hashlib.sha256(json.dumps(header, sort_keys=True, allow_nan=False).encode())
    for name in sorted(arrays):
        one = np.ascontiguousarray(arrays[name])
        content.update(f"{name} {one.dtype.str} {one.shape}".encode())
        content.update(one.tobytes())
    return content.hexdigest()


def _libraries(pool: Pool) -> dict[str, str]:
    used = ["numpy", "scikit-learn"]
    if lstm.ENGINE in pool.engines and lstm_learning.installed():
        used.append("torch")
    return {name: library_version(name) for name in used}
