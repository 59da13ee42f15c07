"""How an exchange can go wrong: what is answered in the place of what it would say."""

from collections.abc import Callable
from dataclasses import dataclass, field

A_PAGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"


@dataclass(frozen=True)
class Misbehaviour:
    """`status` 0 leaves the exchange's own answer, to be `spoilt`; `slow` waits first; `silent` just closes."""

    status: int = 0
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    slow: float = 0.0
    silent: bool = False
    spoilt: Callable[[bytes], bytes] | None = None


def too_many(retry_after: int | None = None) -> Misbehaviour:
    return Misbehaviour(
        429, b"Too many requests", {} if retry_after is None else {"Retry-After": str(retry_after)}
    )


def banned(retry_after: int = 120) -> Misbehaviour:
    return Misbehaviour(
        418,
        b'{"code":-1003,"msg":"Way too much request weight used; IP banned."}',
        {"Retry-After": str(retry_after)},
    )


def down(status: int = 503) -> Misbehaviour:
    return Misbehaviour(status, b"upstream connect error")


def html(status: int = 200) -> Misbehaviour:
    return Misbehaviour(status, A_PAGE, {"Content-Type": "text/html"})


def restricted() -> Misbehaviour:
    return Misbehaviour(451, b'{"code":0,"msg":"Service unavailable from a restricted location."}')


def redirect(location: str) -> Misbehaviour:
    return Misbehaviour(302, b"", {"Location": location})


def truncated() -> Misbehaviour:
    """The first half of the answer, called the whole."""
    return Misbehaviour(spoilt=lambda body: body[: len(body) // 2])


def slow(seconds: float) -> Misbehaviour:
    return Misbehaviour(slow=seconds)


def silent() -> Misbehaviour:
    return Misbehaviour(silent=True)


def other_shape(body: bytes = b'{"hello": "world"}') -> Misbehaviour:
    """JSON with status 200 that is not what was asked for."""
    return Misbehaviour(200, body)
