"""What every reply under /api/ keeps to, whatever was asked."""

from typing import Any

from tests.contract.openapi import document, misfits


def refusal(reply: Any, status: int | None = None, code: str = "") -> dict[str, Any]:
    """The error of a refusal, after a look at its status, its envelope and its request id."""
    assert_sound(reply)
    assert reply.status_code >= 400, reply.content[:300]
    body = reply.json()
    assert misfits(document()["components"]["schemas"]["Failure"], body) == []
    assert body["error"]["request_id"] == reply["X-Request-ID"]
    assert (status or reply.status_code, code or body["error"]["code"]) == (
        reply.status_code,
        body["error"]["code"],
    ), body
    return dict(body["error"])


def assert_sound(reply: Any) -> None:
    """No fault of ours, no page, and a name to ask about it by."""
    assert reply.status_code < 500, reply.content[:300]
    assert len(reply["X-Request-ID"]) >= 8
    assert not reply.get("Content-Type", "").startswith("text/html")
    if reply.status_code not in {204, 304} and not reply.streaming:
        assert isinstance(reply.json()["success"], bool)


def at_fault(error: dict[str, Any]) -> set[str]:
    """The fields that a refusal names."""
    return {detail["field"] for detail in error.get("details", ())}
