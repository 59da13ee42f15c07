"""Only what lies on the open internet is outside, however an address is wrapped."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest

from core.net.addresses import SPECIAL_4, SPECIAL_6, is_outside

PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "192.0.1.1"]
PUBLIC_6 = ["2606:4700:4700::1111", "2a00:1450:4001:80b::200e", "::ffff:8.8.8.8", "64:ff9b::808:808"]
INNER_6 = [
    "::",
    "::1",
    "::7f00:1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "100::1",
    "64:ff9b:1::7f00:1",
    "64:ff9b:1::808:808",
    "5f00::1",
    "4000::1",
    "2001:0:4136:e378:8000:63bf:f7f7:f7f7",
    "2002:808:808::1",
    "2002:7f00:1::1",
    "2a00:1450:4001::5efe:7f00:1",
    "2a00:1450:4001::200:5efe:808:808",
    "::ffff:0:7f00:1",
]


@pytest.mark.parametrize("text", [*PUBLIC, *PUBLIC_6])
def test_public_addresses_are_outside(text):
    assert is_outside(ip_address(text))


@pytest.mark.parametrize("network", SPECIAL_4, ids=str)
def test_special_networks_are_inside_from_first_to_last_and_wrapped(network):
    for inner in (network[0], network[-1]):
        assert not is_outside(inner)
        assert not is_outside(IPv6Address(f"::ffff:{inner}"))
        assert not is_outside(IPv6Address(int(IPv6Address("64:ff9b::")) + int(inner)))


@pytest.mark.parametrize("text", INNER_6)
def test_inner_and_tunnelled_addresses_are_not_outside(text):
    assert not is_outside(ip_address(text))


@pytest.mark.parametrize("network", SPECIAL_6, ids=str)
def test_special_networks_of_the_new_protocol_are_inside(network):
    assert not is_outside(network[0]) and not is_outside(network[-1])


def test_nothing_that_python_calls_inner_is_outside():
    """A table that is written out may miss what was registered since; Python's own is a second witness."""
    step = 2**32 // 40_000
    for number in range(0, 2**32, step):
        address = IPv4Address(number)
        assert not is_outside(address) or address.is_global
