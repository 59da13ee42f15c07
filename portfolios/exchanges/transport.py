"""How a signed request leaves and its answer comes back: bounded in time and size, to one host, without redirects,
proxies or cookies, and only where the request is one of those that read.

The library that signs never sends. So a call that trades cannot leave even by mistake, and no error of the network can
carry a signed address: what is raised here are Khalsi's own sentences.
"""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
import urllib3.exceptions
from requests import exceptions as trouble
from requests.structures import CaseInsensitiveDict

from core.lib.clock import wall_now
from core.net.deadline import deadline, watched_session
from core.net.reply import Reply
from portfolios.exchanges.endpoints import Endpoint
from portfolios.exchanges.errors import AnswerUnusable, ExchangeAway, ExchangeFailure, WrongKeys

_CHUNK = 64 * 1024
_NOT_SENDABLE = (
    trouble.InvalidURL,
    trouble.InvalidSchema,
    trouble.MissingSchema,
    trouble.InvalidHeader,
    UnicodeError,
)
_sessions: dict[str, requests.Session] = {}
_sessions_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Timeouts:
    connect: float = 3.05
    read: float = 10.0
    total: float = 20.0


class NotAReadingCall(RuntimeError):
    """Something tried to send what does not read. That is a mistake in Khalsi, never a user's or an exchange's."""


class _WithoutQuery(logging.Filter):
    """The HTTP library tells every address it asks at level DEBUG; a signed one would be in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                argument.partition("?")[0] if isinstance(argument, str) else argument
                for argument in record.args
            )
        return True


logging.getLogger("urllib3.connectionpool").addFilter(_WithoutQuery())


class Transport:
    """The way to one exchange. Sockets are shared by all that ask the same host from this process."""

    def __init__(
        self,
        *,
        exchange: str,
        title: str,
        host: str,
        base_url: str = "",
        timeouts: Timeouts | None = None,
    ) -> None:
        self._exchange, self._title = exchange, title
        self._signed_for = f"https://{host}"
        self.base_url = (base_url or self._signed_for).rstrip("/")
        self._timeouts = timeouts or Timeouts()
        self._session = _session_of(self.base_url)

    def __repr__(self) -> str:
        return f"Transport({self._exchange})"

    def send(self, endpoint: Endpoint, verb: str, url: str, headers: Mapping[str, str], body: str) -> Reply:
        """The reply, whatever its status; raises ExchangeFailure where there is none to speak of."""
        path = url.removeprefix(self._signed_for)
        if path == url or verb != endpoint.verb or not endpoint.fits(urlsplit(url).path):
            raise NotAReadingCall(f"{self._exchange}: not the request that “{endpoint.name}” makes.")
        began = time.monotonic()
        failure: ExchangeFailure | None = None
        with deadline(self._timeouts.total) as watch:
            try:
                reply = self._asked(endpoint, path, headers, body, began)
            except ExchangeFailure as refused:
                failure = refused
            except (*_NOT_SENDABLE, trouble.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                failure = self._no_reply(error)
        # Raised outside of the block above: an error that was caught would go along as its context, address and all.
        if watch.is_over:
            raise self._away("took longer than it may")
        if failure is not None:
            raise failure
        if 300 <= reply.status < 400:
            raise self._away("answered with a redirect, and redirects are not followed")
        return reply

    def _asked(
        self, endpoint: Endpoint, path: str, headers: Mapping[str, str], body: str, began: float
    ) -> Reply:
        with self._session.request(
            endpoint.verb,
            self.base_url + path,
            data=body.encode() if body else None,
            headers={**headers, "Accept": "application/json", "Accept-Encoding": "gzip"},
            timeout=(self._timeouts.connect, self._timeouts.read),
            allow_redirects=False,
            stream=True,
        ) as response:
            content = self._body(response, endpoint.most_bytes)
            names = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status_code, names, content, time.monotonic() - began, wall_now())

    def _body(self, response: requests.Response, most_bytes: int) -> bytes:
        body = bytearray()
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > most_bytes:
                raise AnswerUnusable(
                    f"{self._title} sent more than {most_bytes} bytes; nothing of it was kept.",
                    exchange=self._exchange,
                )
        return bytes(body)

    def _away(self, told: str) -> ExchangeAway:
        return ExchangeAway(f"{self._title} {told}.", exchange=self._exchange)

    def _no_reply(self, error: Exception) -> ExchangeFailure:
        """By class alone: the text of these errors holds the whole address."""
        if isinstance(error, _NOT_SENDABLE):
            return WrongKeys(
                f"These keys hold characters that {self._title}'s never have.", exchange=self._exchange
            )
        if isinstance(error, (trouble.Timeout, urllib3.exceptions.TimeoutError)):
            return self._away("did not answer in time")
        if isinstance(error, trouble.SSLError):
            return self._away("could not be reached safely: its certificate was refused")
        if isinstance(error, (trouble.ConnectionError, ConnectionRefusedError)):
            return self._away("could not be reached")
        return self._away("broke off its answer")


def _session_of(base_url: str) -> requests.Session:
    with _sessions_lock:
        if base_url not in _sessions:
            session = _sessions[base_url] = watched_session()
            session.trust_env = False  # neither proxies nor passwords of the environment
            session.headers = CaseInsensitiveDict({"User-Agent": "Khalsi"})
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        return _sessions[base_url]
