"""One reply that is ready to be sent."""

from typing import Any


class Ready:
    """One reply. `front` is what the early answer made of it: its header lines, kept with it."""

    __slots__ = ("body", "content_type", "etag", "expires", "front", "max_age", "trusted_until")

    def __init__(self, body: bytes, etag: str, content_type: str, expires: float, max_age: int) -> None:
        self.body, self.etag, self.content_type = body, etag, content_type
        self.expires, self.max_age = expires, max_age
        self.trusted_until = expires
        self.front: Any = None
