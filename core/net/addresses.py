"""Which addresses lie outside: global unicast, where a stranger's server may stand, and nothing that is special.

The tables are written out, from IANA's registries of special-purpose addresses: what Python calls global differs from
release to release. An address that carries another one within it (mapped, translated) is judged by that one; tunnels
(6to4, Teredo, ISATAP) lie outside for nobody.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

SPECIAL_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's own services answer here
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
GLOBAL_6 = IPv6Network("2000::/3")
SPECIAL_6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo, ORCHID, benchmarks
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
CARRIERS = tuple(
    IPv6Network(text)
    for text in (
        "::ffff:0:0/96",  # mapped
        "64:ff9b::/96",  # translated by NAT64
    )
)
_ISATAP = {0x00005EFE, 0x02005EFE}


def is_outside(address: Address) -> bool:
    """Whether a connection to it leaves for the open internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_4)
    if address.scope_id is not None:
        return False
    if any(address in carrier for carrier in CARRIERS):
        return is_outside(IPv4Address(int(address) & 0xFFFFFFFF))
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return False
    return address in GLOBAL_6 and not any(address in network for network in SPECIAL_6)


def as_address(text: str) -> Address | None:
    """The address that `text` spells in its one plain form; None for anything else."""
    try:
        return ip_address(text)
    except ValueError:
        return None
