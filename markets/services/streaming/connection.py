"""One connection to a combined stream: opened with care, and never told more than it may hear."""

import time
from collections import deque
from collections.abc import Collection, Sequence
from typing import Self

import orjson
from websockets.exceptions import ConnectionClosed, InvalidStatus, InvalidURI, WebSocketException
from websockets.sync.client import ClientConnection, connect

from core.lib.clock import wall_now
from core.lib.errors import SourceFailure, SourceMisconfigured, SourceUnavailable
from core.net.retry import retry_after_seconds
from markets.providers.binance.ticker import LONGEST_MESSAGE, stream_of

IN_THE_ADDRESS = 100
"""Streams that are named in the address; the others, and later ones, are subscribed to."""
AT_ONCE = 100
BETWEEN_COMMANDS = 0.5
"""Seconds. Binance takes five messages a second, pings included."""
MOST_WAITING = 1000
NOT_FROM_HERE_SECONDS = 300.0
LIVE = "live"


class Lost(Exception):
    """The connection is over; the message says how."""


class AnotherMarket(SourceMisconfigured):
    """Nothing of this exchange belongs into this database, whichever door it comes from."""


class StreamConnection:
    def __init__(self, url: str, listings: Sequence[str], market: str, *, ping: float = 20.0) -> None:
        """Raises SourceFailure, with `retry_after` where it should be left alone for a while."""
        self.listings = frozenset(listings)
        self._commands: deque[bytes] = deque()
        self._said_at = time.monotonic()
        self._number = 0
        named = "/".join(map(stream_of, listings[:IN_THE_ADDRESS]))
        self._socket = _opened(f"{url}/stream?streams={named}", ping)
        try:
            _refuse_another_market(self._socket, market)
        except SourceFailure:
            self._socket.close()
            raise
        self._command("SUBSCRIBE", listings[IN_THE_ADDRESS:])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def hear(self, seconds: float) -> str | bytes | None:
        """The next message, None where none comes in time. Raises Lost."""
        try:
            self._say()
            return self._socket.recv(timeout=max(seconds, 0.0))
        except TimeoutError:
            return None
        except (ConnectionClosed, OSError) as error:
            raise Lost(_how(error)) from error

    def listen_to(self, listings: Collection[str]) -> None:
        """From now on to these pairs; said a few at a time."""
        self._command("SUBSCRIBE", sorted(set(listings) - self.listings))
        self._command("UNSUBSCRIBE", sorted(self.listings - set(listings)))
        self.listings = frozenset(listings)

    def _command(self, method: str, listings: Sequence[str]) -> None:
        for start in range(0, len(listings), AT_ONCE):
            self._number += 1
            params = [stream_of(listing) for listing in listings[start : start + AT_ONCE]]
            self._commands.append(orjson.dumps({"method": method, "params": params, "id": self._number}))

    def _say(self) -> None:
        if self._commands and time.monotonic() - self._said_at >= BETWEEN_COMMANDS:
            self._said_at = time.monotonic()
            self._socket.send(self._commands.popleft(), text=True)


def _opened(address: str, ping: float) -> ClientConnection:
    try:
        return connect(
            address,
            open_timeout=10,
            ping_interval=ping,
            ping_timeout=ping,
            close_timeout=1,
            max_size=LONGEST_MESSAGE,
            max_queue=MOST_WAITING,
            compression=None,
            user_agent_header=None,
            legacy=True,  # closed by whoever holds this object
        )
    except InvalidStatus as error:
        raise _refused(error.response.status_code, error.response.headers.get("Retry-After")) from error
    except InvalidURI as error:
        raise SourceMisconfigured(
            "The address of the stream cannot be used; check BINANCE_STREAM_URL."
        ) from error
    except (WebSocketException, OSError, EOFError) as error:
        raise SourceUnavailable(f"Binance's stream could not be reached ({type(error).__name__}).") from error


def _refused(status: int, wait: str | None) -> SourceFailure:
    if status in {401, 403, 404, 451}:
        return SourceMisconfigured(
            f"Binance's stream answered {status}: not served from here; name another BINANCE_STREAM_URL.",
            retry_after=NOT_FROM_HERE_SECONDS,
        )
    asked = retry_after_seconds(wait, wall_now())
    return SourceUnavailable(f"Binance's stream answered {status}.", retry_after=asked)


def _refuse_another_market(socket: ClientConnection, market: str) -> None:
    """The sandbox says which market it shows. Prices of two markets never mix, whatever the addresses say."""
    response = socket.response
    shown = response.headers.get("X-Market", LIVE) if response else LIVE
    if shown != market:
        raise AnotherMarket(
            f"The stream shows the {shown} market, this database the {market} one; check BINANCE_STREAM_URL.",
            retry_after=NOT_FROM_HERE_SECONDS,
        )


def _how(error: Exception) -> str:
    if isinstance(error, ConnectionClosed) and error.rcvd is not None:
        return f"closed by Binance ({error.rcvd.code})"
    if isinstance(error, ConnectionClosed) and error.sent is not None:
        return f"closed by us ({error.sent.code} {error.sent.reason})".replace(" )", ")")
    return "cut off"
