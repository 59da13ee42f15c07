"""Addresses of webhooks that a known service gives out: its host and the shape of its paths, and nothing else."""

import re
from collections.abc import Collection

from alerts.channels.base import bad_address
from core.net.guard import AddressRefused, Place, place_of, rules


def hook_place(
    written: str, hosts: Collection[str], path: re.Pattern[str], example: str
) -> tuple[Place, re.Match[str]]:
    """The address taken apart, and its path as `path` matched it. Where an operator lets inner addresses be tried,
    those may stand for the service."""
    refusal = bad_address(f"Paste the whole address of the webhook, such as {example}.")
    try:
        allowed = rules()
        place = place_of(written.strip(), allowed)
    except AddressRefused:
        raise refusal from None
    matched = path.fullmatch(place.target)
    is_tried_out = (place.host, place.port) in allowed.inner
    if matched is None or not ((place.host in hosts and place.port == 443) or is_tried_out):
        raise refusal
    return place, matched
