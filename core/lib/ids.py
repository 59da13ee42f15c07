"""Identifiers that are safe to show, log and pass on."""

import re
import secrets

_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}\Z")


def request_id(offered: str | None) -> str:
    """The client's request id where it is a sane token, else a new one; never text that could forge a log line."""
    if offered and _SANE_REQUEST_ID.match(offered):
        return offered
    return secrets.token_hex(12)
