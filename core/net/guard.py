"""Calls to addresses that users name: they reach the open internet and nothing behind our own door.

1. The URL is plain: https (http where the operator allows it), a usual port, no user, no odd spelling of an address.
2. Its name is resolved once, and every address that comes back must lie outside.
3. The connection goes to the very address that was looked at; the name stays in Host and in the certificate's check.
4. Redirects are answers like any other, a reply is read up to a small limit, and all of it ends in time.

Neither path nor query is ever part of a message: both may hold a secret.
"""

import re
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from urllib.parse import urlsplit

import certifi
import idna
import urllib3.exceptions as trouble
from django.conf import settings
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.util import Timeout

from core.lib.clock import wall_now
from core.lib.errors import BadInput, FieldError, SourceUnavailable
from core.net.addresses import Address, as_address, is_outside
from core.net.deadline import WatchedPool, WatchedTlsPool, deadline
from core.net.reply import Reply

PORTS = frozenset({80, 443, 8443})
LONGEST_URL = 2048
_USUAL = {"http": 80, "https": 443}
_PLAIN = re.compile(r"[\x21-\x7e]+", re.ASCII)
_NUMERIC = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.ASCII)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_NOT_SENT = (trouble.NewConnectionError, trouble.ConnectTimeoutError)

Resolve = Callable[[str, int], Sequence[str]]


class AddressRefused(BadInput):
    """A URL that a user named leads where none may lead. Trying again will not help."""


@dataclass(frozen=True)
class Rules:
    """`inner` are addresses and ports that may be reached although they lie inside: for trying out, never in
    production. `anywhere` is for addresses that the operator himself names in the settings."""

    allow_http: bool = False
    ports: frozenset[int] = PORTS
    inner: frozenset[tuple[str, int]] = frozenset()
    anywhere: bool = False

    def may_be_inner(self, port: int) -> bool:
        return self.anywhere or any(port == allowed for _, allowed in self.inner)

    def may_reach(self, address: Address, port: int) -> bool:
        return self.anywhere or is_outside(address) or (str(address), port) in self.inner


@dataclass(frozen=True)
class Place:
    """A URL taken apart. `target` is path and query, and stays out of every repr."""

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)

    @property
    def authority(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _USUAL[self.scheme] else f"{name}:{self.port}"


def rules() -> Rules:
    """As the operator set them."""
    return Rules(allow_http=settings.OUTSIDE_HTTP, inner=frozenset(settings.OUTSIDE_INNER))


def place_of(url: str, rules: Rules) -> Place:
    """Raises AddressRefused, with a sentence for whoever wrote the URL."""
    if len(url) > LONGEST_URL or "\\" in url or any(character.isspace() for character in url):
        raise _refused("Write an address of at most 2048 characters, without spaces or backslashes.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused("Write an address such as https://example.com/hook.") from None
    if parts.scheme not in _USUAL or not parts.hostname:
        raise _refused("Write an address such as https://example.com/hook.")
    if "@" in parts.netloc:
        raise _refused("Write the address without a user name or password.")
    port = port if port is not None else _USUAL[parts.scheme]
    if parts.scheme == "http" and not (rules.allow_http or rules.may_be_inner(port)):
        raise _refused("Write an address that begins with https://.")
    if port not in rules.ports and not rules.may_be_inner(port):
        raise _refused("Use port 443, 80 or 8443.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not _PLAIN.fullmatch(target):
        raise _refused("Write other letters in the path as percent codes, such as %C3%A9.")
    return Place(parts.scheme, _host(parts.hostname), port, target)


def addresses_of(place: Place, rules: Rules, resolve: Resolve, seconds: float) -> list[Address]:
    """Resolved once; refused as a whole where one of them lies inside."""
    literal = as_address(place.host)
    found = [str(literal)] if literal else _resolved(place, resolve, seconds)
    addresses = [address for text in found if (address := as_address(text))]
    if len(addresses) < len(found) or not all(rules.may_reach(one, place.port) for one in addresses):
        raise _refused(f"{place.host} leads to an address that is not on the open internet.")
    if not addresses:
        raise SourceUnavailable(f"{place.host} has no address.")
    return addresses


def _host(name: str) -> str:
    """In the one spelling that is resolved, shown and compared: lower case, ASCII, without the last dot."""
    literal = as_address(name)
    if literal is not None:
        if isinstance(literal, IPv6Address) and literal.scope_id is not None:
            raise _refused("Write the address without a zone.")
        return str(literal)
    try:
        host = idna.encode(name, uts46=True).decode("ascii") if not name.isascii() else name.lower()
    except idna.IDNAError:
        raise _refused("The name of the host cannot be.") from None
    host = host.removesuffix(".")
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _refused("The name of the host cannot be.")
    if _NUMERIC.fullmatch(labels[-1]) and as_address(host) is None:  # 2130706433, 0x7f.1, 127.1
        raise _refused("Write the address as four plain numbers, or better a name.")
    return host


def _resolved(place: Place, resolve: Resolve, seconds: float) -> list[str]:
    """In a thread of its own, which is left behind when the name servers take too long."""
    found: list[Sequence[str]] = []

    def ask() -> None:
        try:
            found.append(resolve(place.host, place.port))
        except (OSError, UnicodeError):
            return

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if not found:
        slow = asking.is_alive()
        raise SourceUnavailable(
            f"The name {place.host} {'took too long to look up' if slow else 'is not known'}."
        )
    return list(dict.fromkeys(found[0]))


def ask_system(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _refused(message: str) -> AddressRefused:
    return AddressRefused(message, details=(FieldError("url", message),))


class OutsideClient:
    """POST to a URL that a user named. Keeps no connection: the next call looks at the address anew."""

    def __init__(
        self,
        rules: Rules,
        *,
        resolve: Resolve = ask_system,
        connect_timeout: float = 4.0,
        read_timeout: float = 8.0,
        total_timeout: float = 12.0,
        max_bytes: int = 16 * 1024,
        authorities: str | None = None,
    ) -> None:
        self._rules = rules
        self._resolve = resolve
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._total_timeout = total_timeout
        self._max_bytes = max_bytes
        self._authorities = authorities or certifi.where()

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Whatever it answers, redirects too; the body up to the limit.

        AddressRefused where it may not be asked; SourceUnavailable where no answer came.
        """
        place = place_of(url, self._rules)
        began = time.monotonic()
        addresses = addresses_of(place, self._rules, self._resolve, self._connect_timeout)
        left = self._total_timeout - (time.monotonic() - began)
        with deadline(max(left, 0.1)) as watch:
            try:
                reply = self._first_answer(place, addresses, body, headers, began)
            except (trouble.HTTPError, OSError, ValueError) as error:
                raise self._no_answer(place, error, watch.is_over) from None
        if watch.is_over:  # cut within its headers, a reply looks whole and empty
            raise self._no_answer(place, TimeoutError(), is_over=True)
        return reply

    def _first_answer(
        self,
        place: Place,
        addresses: Sequence[Address],
        body: bytes,
        headers: Mapping[str, str],
        began: float,
    ) -> Reply:
        """The next address is tried only where nothing was sent to the one before."""
        for address in addresses[:-1]:
            try:
                return self._asked(place, address, body, headers, began)
            except _NOT_SENT:
                if time.monotonic() - began > self._total_timeout / 2:
                    raise
        return self._asked(place, addresses[-1], body, headers, began)

    def _asked(
        self, place: Place, address: Address, body: bytes, headers: Mapping[str, str], began: float
    ) -> Reply:
        with self._pool(place, address) as pool:
            response = pool.urlopen(
                "POST",
                place.target,
                body=body,
                headers={
                    "Host": place.authority,
                    "User-Agent": "Khalsi",
                    "Accept-Encoding": "identity",
                    **headers,
                },
                timeout=Timeout(connect=self._connect_timeout, read=self._read_timeout),
                retries=False,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                read = response.read(self._max_bytes, decode_content=False)
            finally:
                response.close()
        names = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status, names, read, time.monotonic() - began, wall_now())

    def _pool(self, place: Place, address: Address) -> HTTPConnectionPool:
        if place.scheme == "http":
            return WatchedPool(str(address), place.port)
        return WatchedTlsPool(
            str(address),
            place.port,
            cert_reqs="CERT_REQUIRED",
            ca_certs=self._authorities,
            server_hostname=place.host,
            assert_hostname=place.host,
        )

    def _no_answer(self, place: Place, error: Exception, is_over: bool) -> SourceUnavailable:
        """By class alone: the text of these errors holds the whole address."""
        if not is_over and isinstance(error, (trouble.NewConnectionError, ConnectionRefusedError)):
            return SourceUnavailable(f"{place.host} could not be reached.")
        if is_over or isinstance(error, (trouble.TimeoutError, TimeoutError)):
            return SourceUnavailable(f"{place.host} did not answer in time.")
        if isinstance(error, trouble.SSLError):
            return SourceUnavailable(
                f"{place.host} could not be reached safely: its certificate was refused."
            )
        return SourceUnavailable(f"{place.host} broke off its answer.")
