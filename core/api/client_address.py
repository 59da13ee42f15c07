"""Whose request it is: the peer's address, unless the peer is a configured proxy that vouches for another
one."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]

UNKNOWN = "unknown"
"""A peer without an address (a socket file): all of them are counted together."""


def client_address(request: HttpRequest) -> str:
    meta = request.META
    return address_of(
        meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES
    )


@lru_cache(maxsize=4096)
def address_of(peer: str, forwarded: str, trusted: tuple[str, ...]) -> str:
    """The address that is counted. `forwarded` is believed from its right end, as far as the hops are
    `trusted`."""
    client = _parsed(peer)
    if client is None:
        return UNKNOWN
    networks = _networks(trusted)
    for hop in reversed(forwarded.split(",")) if networks and forwarded else ():
        if not _is_trusted(client, networks):
            break
        vouched = _parsed(hop.strip())
        if vouched is None:
            break
        client = vouched
    return _counted(client)


def _counted(address: Address) -> str:
    """Whoever has one IPv6 address has its whole /64."""
    if isinstance(address, IPv6Address) and not address.is_loopback:
        return str(ip_network((address, 64), strict=False))
    return str(address)


def _parsed(text: str) -> Address | None:
    """An address as servers and proxies write it: bare, with a port, or in brackets; mapped IPv4 is IPv4."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_trusted(address: Address, networks: Networks) -> bool:
    return any(address in network for network in networks)


@lru_cache(maxsize=8)
def _networks(trusted: tuple[str, ...]) -> Networks:
    return tuple(ip_network(text, strict=False) for text in trusted)
