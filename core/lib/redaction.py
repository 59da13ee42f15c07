"""Secrets out of whatever is written down for people: log lines, error reports, dead letters.

Three nets, since each has holes: names that hold secrets (`password`, `Authorization`), shapes that secrets have
(tokens, keys, links that open something), and the very values of this process's own keys, also in base64, hex and URL
form. What is doubtful goes: a line that says too little is better than one that says too much.
"""

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "[hidden]"
SHORTEST_KNOWN = 8
"""A shorter value is no secret worth the name, and would be cut out of ordinary words."""
_DEEPEST = 8

_NAMES = (
    r"(?:[a-z0-9]+[_-])*(?:passwords?|passwd|pass[_-]?phrase|secrets?|secret[_-]?key|api[_-]?key|private[_-]?key"
    r"|signing[_-]?key|credentials?(?:_keys?)?|(?:access|refresh|id|auth|bot|metrics|csrf)[_-]?token"
    r"|csrfmiddlewaretoken|authorization|cookie|sessionid|session_key|signature|otp|totp|totp_code"
    r"|recovery_?codes?|otpauth_uri|webhook_?url|dsn)"
)
_IN_ADDRESS = (
    r"(?:[\w.-]*(?:token|secret|password|passwd|api[_-]?key|signature|credential)"
    r"|key|sig|code|otp|hash|state|auth|ticket)"
)
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

_IS_SECRET_NAME = re.compile(rf"(?:http_)?{_NAMES}", re.I)
_HEADER = re.compile(
    r"\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)([\"']?\s*[:=]\s*)[^\r\n]*", re.I
)
# A value in quotes ends with them; a bare one with the next space, comma or bracket.
_VALUE = r"(?:\[hidden\]|\\*\"(?:[^\"\\]|\\.)*\"?|\\*'(?:[^'\\]|\\.)*'?|[^\s,;&)}\]\"']+)"
_ASSIGNED = re.compile(rf"(?<![\w-])({_NAMES}\\*[\"']?\s*(?:=>|[:=])\s*b?){_VALUE}", re.I)
_QUERY = re.compile(rf"(?:^|(?<=[?&;]))({_IN_ADDRESS}=)[^&\s\"'<>]+", re.I)
_CODE = re.compile(r"(?<![\w-])(code[\"']?\s*[:=]\s*[\"']?)\d{6}(?!\d)", re.I)

_ADDRESS = re.compile(r"https?://[^\s\"'<>?]+", re.I)
_LONG_PART = re.compile(rf"(?<=/)(?!{_UUID})(?=[\w.~-]*[0-9])(?=[\w.~-]*[a-z])[\w.~:-]{{24,}}", re.I)
_WEBHOOK = re.compile(r"(hooks\.slack\.com/(?:services|workflows)/|/api/webhooks/)[^\s\"'<>?]+", re.I)
_SHAPES = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S),
    re.compile(r"(?<=://)[^\s/@:?#]*:[^\s/@]+(?=@)"),  # user and password of an address
    re.compile(r"\b(?:bot)?\d{6,12}:[A-Za-z0-9_-]{30,}"),  # a Telegram bot
    re.compile(r"(?<=\bbearer )[\w.~+/=-]{16,}|(?<=\bbasic )(?=[\w+/=-]*[A-Z0-9=])[\w+/=-]{8,}", re.I),
    re.compile(r"\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?"),  # a signed token
    re.compile(r"(?<=\bkhalsi_)[a-z0-9]{12}_[\w-]{8,}"),  # a key of our API
    re.compile(r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{43}(?![\w-])"),  # 256 random bits
    re.compile(r"(?<![\w-])[A-Z2-7]{32}(?![\w-])"),  # what an app makes codes of
    re.compile(r"(?<![\w-])[a-z2-7]{4}(?:-[a-z2-7]{4}){3}(?![\w-])"),  # a recovery code
    re.compile(r"\$argon2\w*\$[^\s\"']+"),
)

_known: re.Pattern[str] | None = None


def know(secrets: Iterable[str]) -> None:
    """From now on these very values are hidden wherever they stand, in any of their forms."""
    global _known
    forms = sorted({form for secret in secrets for form in forms_of(secret)}, key=len, reverse=True)
    _known = re.compile("|".join(map(re.escape, forms))) if forms else None


def forms_of(secret: str) -> set[str]:
    """A secret as it is and as it may come along: base64 of both kinds, hex, and in an address."""
    if len(secret) < SHORTEST_KNOWN:
        return set()
    raw = secret.encode(errors="replace")
    plain = {secret, quote(secret, safe=""), quote_plus(secret), raw.hex(), raw.hex().upper()}
    return plain | {_in_base64(raw, place, code) for place in range(3) for code in _CODES}


_CODES = (base64.b64encode, base64.urlsafe_b64encode)


def _in_base64(raw: bytes, place: int, code: Callable[[bytes], bytes]) -> str:
    """What of it is the same whatever stands around it, as in `user:password`; `place` is that of its first byte."""
    begins, ends = (0, 2, 3)[place], (place + len(raw)) * 8 // 6
    return code(b"." * place + raw)[begins:ends].decode()


def hidden_in_text(text: str) -> str:
    """The text without what looks like a secret."""
    if _known is not None:
        text = _known.sub(HIDDEN, text)
    text = _QUERY.sub(rf"\1{HIDDEN}", text)
    text = _HEADER.sub(rf"\1\2{HIDDEN}", text)
    text = _ASSIGNED.sub(rf"\1{HIDDEN}", text)
    text = _CODE.sub(rf"\1{HIDDEN}", text)
    text = _WEBHOOK.sub(rf"\1{HIDDEN}", text)
    text = _ADDRESS.sub(lambda found: _LONG_PART.sub(HIDDEN, found[0]), text)
    for shape in _SHAPES:
        text = shape.sub(HIDDEN, text)
    return text


@lru_cache(maxsize=512)
def is_secret_name(name: str) -> bool:
    return bool(_IS_SECRET_NAME.fullmatch(name))


def hidden(value: Any, depth: int = 0) -> Any:
    """The same value, as deep as it goes, without secrets. What is neither text, number nor container is told by its
    `repr`, which may hold secrets like any other text."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return hidden_in_text(value)
    if isinstance(value, (bytes, bytearray)):
        return hidden_in_text(bytes(value).decode(errors="replace"))
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {
            (hidden_in_text(key) if isinstance(key, str) else key): (
                HIDDEN if inner and is_secret_name(str(key)) else hidden(inner, depth + 1)
            )
            for key, inner in value.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return [hidden(inner, depth + 1) for inner in value]
    try:
        told = repr(value)
    except Exception as error:  # a line of log must not fail for an object that cannot tell of itself
        told = f"<{type(value).__name__}, whose repr failed with {type(error).__name__}>"
    return hidden_in_text(told)
