"""GET from a source: bounded in time and size, no redirects, and errors that say what happened without any
secret.

Neither address nor header is ever part of a message: both may hold a key.
"""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode, urlsplit

import requests
import urllib3.exceptions
from requests import exceptions as trouble

from core.lib.clock import wall_now
from core.lib.errors import ReplyRefused, SourceMisconfigured, SourceUnavailable
from core.net.deadline import deadline, watched_session
from core.net.reply import KeptReplies, Reply
from core.net.retry import retry_after_seconds

THROTTLED_SECONDS = 60.0
"""How long a source is left alone that answered 429 without saying until when."""
_CHUNK = 64 * 1024
_LATER = {408, 425, 429}
_OURS = {400, 404, 405, 410, 414, 422}
_UNUSABLE = (trouble.InvalidURL, trouble.InvalidSchema, trouble.MissingSchema, trouble.InvalidHeader)
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}

Parameters = Mapping[str, str | int]


class HttpClient:
    """One source. Safe to share between threads as far as its session is (requests' are, for plain GETs)."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str] | None = None,
        connect_timeout: float = 3.05,
        read_timeout: float = 10.0,
        total_timeout: float = 20.0,
        max_bytes: int = 8 * 1024 * 1024,
        session: requests.Session | None = None,
        *,
        name: str = "",
        clock: Callable[[], datetime] = wall_now,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {"Accept": "application/json", "Accept-Encoding": "gzip", **(headers or {})}
        self._timeouts = (connect_timeout, read_timeout)
        self._total_timeout = total_timeout
        self._max_bytes = max_bytes
        self._session = session or watched_session()
        self._session.trust_env = urlsplit(base_url).hostname not in _LOOPBACK
        self._kept = KeptReplies()
        self._clock = clock
        self.name = name or urlsplit(base_url).hostname or "the source"

    def __repr__(self) -> str:
        return f"HttpClient({self.name})"

    def get(
        self, path: str, parameters: Parameters | None = None, *, accept: Collection[int] = (200,)
    ) -> Reply:
        """The reply, where its status is one of `accept`; else an error:

        - SourceUnavailable: timeout, cut off, 408, 429 or 5xx; with `retry_after` where the source names a
        time.
        - SourceMisconfigured: 401, 403, a redirect, an address that cannot be, or a question the source does
        not know.
        - ReplyRefused: larger than `max_bytes`.
        """
        asked = f"{path}?{urlencode(sorted((parameters or {}).items()))}"
        kept = self._kept.get(asked)
        reply = self._fetched(path, parameters or {}, kept.headers["etag"] if kept else None)
        if reply.status == 304 and kept is not None:
            return replace(kept, elapsed=reply.elapsed, fetched_at=reply.fetched_at, is_unchanged=True)
        if reply.status not in accept:
            raise self._error_of(reply)
        self._kept.keep(asked, reply)
        return reply

    def close(self) -> None:
        self._session.close()

    def _fetched(self, path: str, parameters: Parameters, etag: str | None) -> Reply:
        headers = {**self._headers, "If-None-Match": etag} if etag else self._headers
        began = time.monotonic()
        with deadline(self._total_timeout) as watch:
            try:
                reply = self._asked(path, parameters, headers, began)
            except (trouble.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                if watch.is_over:
                    raise self._too_slow() from None
                raise self._no_reply(error) from None
        if watch.is_over:  # cut within its headers, a reply looks whole and empty
            raise self._too_slow()
        return reply

    def _asked(self, path: str, parameters: Parameters, headers: Mapping[str, str], began: float) -> Reply:
        with self._session.get(
            self._base_url + path,
            params=dict(parameters),
            headers=dict(headers),
            timeout=self._timeouts,
            allow_redirects=False,
            stream=True,
        ) as response:
            body = self._body(response, began)
            names = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status_code, names, body, time.monotonic() - began, self._clock())

    def _body(self, response: requests.Response, began: float) -> bytes:
        """Read what comes as it comes: neither a large reply nor a bomb of compressed zeros is ever held
        whole."""
        body = bytearray()
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > self._max_bytes:
                raise ReplyRefused(
                    f"{self.name} sent more than {self._max_bytes} bytes; nothing of it was kept."
                )
            if time.monotonic() - began > self._total_timeout:
                raise self._too_slow()
        return bytes(body)

    def _error_of(self, reply: Reply) -> Exception:
        status = reply.status
        if status in _LATER or status >= 500:
            usual = THROTTLED_SECONDS if status == 429 else None
            asked = retry_after_seconds(reply.headers.get("retry-after"), reply.fetched_at)
            wait = asked if asked is not None else usual
            told = f"; it may be asked again in {wait:.0f} s" if wait is not None else ""
            return SourceUnavailable(f"{self.name} answered {status}{told}.", retry_after=wait)
        if 300 <= status < 400:
            return SourceMisconfigured(
                f"{self.name} answered {status}, and redirects are not followed; check its address."
            )
        if status in _OURS:
            return SourceMisconfigured(f"{self.name} answered {status}: it does not know what was asked.")
        return SourceMisconfigured(f"{self.name} answered {status}; check its key, plan and address.")

    def _too_slow(self) -> SourceUnavailable:
        return SourceUnavailable(f"{self.name} took longer than {self._total_timeout:g} s.")

    def _no_reply(self, error: Exception) -> Exception:
        """By class alone: the text of these errors holds the whole address."""
        if isinstance(error, _UNUSABLE):
            return SourceMisconfigured(
                f"The address or the key of {self.name} cannot be used; check the settings."
            )
        if isinstance(error, (trouble.Timeout, urllib3.exceptions.TimeoutError)):
            return SourceUnavailable(f"{self.name} did not answer in time.")
        if isinstance(error, trouble.SSLError):
            return SourceUnavailable(f"{self.name} could not be reached safely: its certificate was refused.")
        if isinstance(error, (trouble.ConnectionError, ConnectionRefusedError)):
            return SourceUnavailable(f"{self.name} could not be reached.")
        return SourceUnavailable(f"{self.name} broke off its reply.")
