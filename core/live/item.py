"""One numbered value of a stream, already serialised, and how a batch of them crosses Redis."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import orjson

Payload = Mapping[str, object]


class Item(NamedTuple):
    """`fragment` is the JSON that clients get; it was serialised once, by whoever published it."""

    symbol: str
    seq: int
    fragment: str


def head(payload: Payload) -> str:
    """The payload's JSON, open at its end for the number that `closed` adds."""
    return orjson.dumps(payload).decode()[:-1] + ',"seq":'


def closed(head: str, seq: int) -> str:
    return f"{head}{seq}}}"


def packed(stream: str, items: Iterable[Item]) -> str:
    """Lines: the stream, then symbol, number and fragment of each item. JSON holds no raw line break."""
    return "\n".join([stream, *(f"{item.symbol}\n{item.seq}\n{item.fragment}" for item in items)])


def unpacked(message: str) -> tuple[str, list[Item]]:
    stream, *lines = message.split("\n")
    triples = zip(lines[::3], lines[1::3], lines[2::3], strict=True)
    return stream, [Item(symbol, int(seq), fragment) for symbol, seq, fragment in triples]
