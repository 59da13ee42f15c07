"""Embedded, a large body is refused before it is written anywhere."""

import asyncio
import json
import re
from typing import Any

from core.api.body_cap import capped_asgi


def asked(
    chunks: list[bytes], length: int | None = None, path: str = "/api/v1/sends", answers: bool = False
) -> tuple[list[Any], list[Any]]:
    """What the application received, and what the client was sent."""
    seen: list[Any] = []
    sent: list[Any] = []
    left = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    headers = [] if length is None else [(b"content-length", str(length).encode())]
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if answers:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in chunks:
            seen.append(await receive())

    async def receive() -> Any:
        return left.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(capped_asgi(app, most_bytes=10, files=(re.compile("/files/.+"), 20))(scope, receive, send))
    return seen, sent


def test_a_small_body_passes():
    seen, sent = asked([b"12345", b"67890"], length=10)
    assert [message["body"] for message in seen] == [b"12345", b"67890"] and sent == []


def test_a_body_that_says_it_is_large_is_413_in_the_envelope():
    seen, sent = asked([b"1" * 11], length=11)
    assert seen == [] and sent[0]["status"] == 413
    assert json.loads(sent[1]["body"])["error"]["code"] == "PAYLOAD_TOO_LARGE"


def test_a_body_that_turns_out_large_ends_and_is_413_too():
    seen, sent = asked([b"123456", b"789012"])
    assert seen[1] == {"type": "http.disconnect"}
    assert sent[0]["status"] == 413
    assert json.loads(sent[1]["body"])["error"]["code"] == "PAYLOAD_TOO_LARGE"


def test_an_answer_that_has_begun_is_not_followed_by_another():
    seen, sent = asked([b"123456", b"789012"], answers=True)
    assert seen[1] == {"type": "http.disconnect"}
    assert [message["status"] for message in sent] == [200]


def test_a_page_says_it_in_words():
    _, sent = asked([b""], length=11, path="/sign-in")
    assert sent[1]["body"].startswith(b"The body is larger")


def test_paths_that_take_files_have_a_bound_of_their_own():
    seen, sent = asked([b"1" * 15], length=15, path="/files/one")
    assert len(seen) == 1 and sent == []
    assert asked([b""], length=21, path="/files/one")[1][0]["status"] == 413
    assert asked([b""], length=15, path="/files/")[1][0]["status"] == 413
