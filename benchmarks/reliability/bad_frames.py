"""Broken frames for the live feed, and a connection beside them that must not notice."""

import asyncio
import json
import random
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

TEXTS = (
    "",
    "{",
    "null",
    "[]",
    "1",
    '"so"',
    "NaN",
    '{"action": NaN}',
    '{"action": "\\ud800"}',
    '{"action": "\\u0000"}',
    "[" * 9_000,
    '{"a":' * 2_000 + "1" + "}" * 2_000,
    "x" * 17_000,
    '{"action": 1}',
    '{"action": []}',
    '{"action": "nonsense"}',
    '{"action": "subscribe"}',
    '{"action": "subscribe", "channel": "user"}',
    '{"action": "subscribe", "channel": {}, "symbols": 1}',
    '{"action": "subscribe", "channel": "prices", "symbols": [null]}',
    '{"action": "subscribe", "channel": "prices", "symbols": {"a": 1}}',
    '{"action": "subscribe", "channel": "predictions", "timeframe": [], "symbols": "*"}',
    '{"action": "unsubscribe", "channel": "\\u202e"}',
    '{"action": "authenticate"}',
    '{"action": "authenticate", "token": {"a": 1}}',
    '{"action": "authenticate", "token": "x.y.z"}',
)
BYTES = (b"\xff\xfe", b"\x00" * 100, b'{"action": "ping"}', b"\x80" * 17_000)


def send_bad_frames(port: int, count: int, chance: random.Random) -> dict[str, int]:
    return asyncio.run(_send(port, count, chance))


async def _send(port: int, count: int, chance: random.Random) -> dict[str, int]:
    """Connections are closed after twenty bad frames, so there are many, one after the other."""
    told = {"sent": 0, "refused": 0, "closed": 0, "faults": 0}
    url = f"ws://127.0.0.1:{port}/ws/v1/"
    async with connect(url, max_size=None) as beside:
        while told["sent"] < count:
            async with connect(url, max_size=None) as broken:
                await _break(broken, told, count, chance)
            if not await _is_well(beside):
                told["faults"] += 1
    return told


async def _break(broken: ClientConnection, told: dict[str, int], count: int, chance: random.Random) -> None:
    try:
        while told["sent"] < count:
            frame = chance.choice(BYTES) if chance.random() < 0.1 else _text(chance)
            await broken.send(frame)
            told["sent"] += 1
            answer = json.loads(await asyncio.wait_for(broken.recv(), 30))
            told["refused" if answer.get("type") == "error" else "faults"] += 1
            if answer.get("type") != "error":
                print(f"  {frame[:100]!r} was answered {str(answer)[:200]}")
    except ConnectionClosed as closed:
        told["closed"] += 1
        if closed.rcvd is None or closed.rcvd.code == 1011:
            told["faults"] += 1
            print(f"  {frame[:100]!r} closed it: {closed}")


def _text(chance: random.Random) -> str:
    text = chance.choice(TEXTS)
    if text and chance.random() < 0.3:
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice('"\\{}[],:\x00é\u2028') + text[at + 1 :]
    return text


async def _is_well(beside: ClientConnection) -> bool:
    try:
        await beside.send('{"action": "ping"}')
        answer: Any = json.loads(await asyncio.wait_for(beside.recv(), 30))
    except (ConnectionClosed, TimeoutError) as error:
        answer = error
    if answer != {"type": "pong"}:
        print(f"  the connection beside: {answer!r}")
    return bool(answer == {"type": "pong"})
