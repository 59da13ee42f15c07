"""What engines were given at one moment as a compressed .npz of plain arrays, and back; never a pickle.

Numbers come back to the last bit: features are kept in single precision only where that loses nothing.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Arrays = dict[str, NDArray[Any]]
FORMAT = 1
_SPOILT = (ValueError, KeyError, TypeError, EOFError, OSError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, eq=False)
class Given:
    """All tokens at `as_of` (seconds since 1970), N of them, in the order in which engines saw them.

    `tokens` are their numbers in the database, `names` their CoinGecko ids. `X` (N, features), `scale` M(t) (N,).
    `prices`: reference prices (N,) by the seconds of the candle they close. By timeframe: `baselines` (N, 3) and
    `quantiles` (N, 3), the baseline's range as log returns at 10, 50 and 90 %.
    """

    as_of: int
    tokens: tuple[int, ...]
    names: tuple[str, ...]
    features: tuple[str, ...]
    X: Floats
    scale: Floats
    prices: Mapping[int, Floats]
    baselines: Mapping[str, Floats]
    quantiles: Mapping[str, Floats]


def pack(given: Given) -> bytes:
    """The same content gives the same bytes (by the same zlib)."""
    header = {
        "format": FORMAT,
        "as_of": given.as_of,
        "tokens": list(given.tokens),
        "names": list(given.names),
        "features": list(given.features),
        "intervals": sorted(given.prices),
        "timeframes": list(given.baselines),
    }
    arrays: Arrays = {"X": _narrowed(given.X.T), "scale": given.scale}
    arrays |= {f"price_{interval}": given.prices[interval] for interval in sorted(given.prices)}
    for timeframe in given.baselines:
        arrays[f"baseline_{timeframe}"] = np.ascontiguousarray(given.baselines[timeframe].T)
        arrays[f"quantiles_{timeframe}"] = _halved(given.quantiles[timeframe].T)
    text = np.frombuffer(json.dumps(header, allow_nan=False).encode(), np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, header=text, **arrays)
    return file.getvalue()


def unpack(data: bytes) -> Given:
    """Raises ValueError where this is no such file; runs nothing out of it."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(arrays["header"].tobytes())
        if header["format"] != FORMAT:
            raise ValueError(f"format {header['format']} is not {FORMAT}")
        return _given(header, arrays)
    except _SPOILT as error:
        raise ValueError(f"No inputs can be read from these bytes ({error}).") from error


def digest_of(data: bytes) -> str:
    return sha256(data).hexdigest()


def _given(header: dict[str, Any], arrays: Arrays) -> Given:
    timeframes: Sequence[str] = header["timeframes"]
    return Given(
        as_of=int(header["as_of"]),
        tokens=tuple(header["tokens"]),
        names=tuple(header["names"]),
        features=tuple(header["features"]),
        X=_rows(arrays["X"]),
        scale=arrays["scale"],
        prices={interval: arrays[f"price_{interval}"] for interval in header["intervals"]},
        baselines={name: _rows(arrays[f"baseline_{name}"]) for name in timeframes},
        quantiles={name: _rows(_whole(arrays[f"quantiles_{name}"])) for name in timeframes},
    )


def _narrowed(columns: Floats) -> NDArray[Any]:
    with np.errstate(over="ignore"):
        narrow = columns.astype(np.float32)
    return narrow if np.array_equal(narrow.astype(np.float64), columns, equal_nan=True) else columns.copy()


def _halved(columns: Floats) -> Floats:
    """Of a range that lies evenly around no change, as climatology's does, the upper end alone."""
    low, middle, high = columns
    even = np.array_equal(low, -high, equal_nan=True) and not np.signbit(middle).any() and not middle.any()
    return high.copy() if even else np.ascontiguousarray(columns)


def _whole(columns: Floats) -> Floats:
    return np.stack([-columns, np.zeros_like(columns), columns]) if columns.ndim == 1 else columns


def _rows(columns: NDArray[Any]) -> Floats:
    return np.ascontiguousarray(columns.T, dtype=np.float64)
