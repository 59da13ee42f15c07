"""Whether a password is one that attackers try early: listed, dressed up a little, a keyboard walk, or a short repeat.

The list ships with Django (`django/contrib/auth/common-passwords.txt.gz`, BSD 3-Clause): the 20,000 passwords that
stood most often in published breaches, collected by Royce Williams. It is read at the first question, within 10 ms; a
question then takes some 50 µs.
"""

import gzip
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.contrib.auth import password_validation

_LIST = Path(password_validation.__file__).parent / "common-passwords.txt.gz"
_SHORTEST = 4
_MOST_DRESSING = 8
"""So many digits and signs around a listed word make it no better; more of them might."""
_SHORTEST_STEP = 3
_MOST_REPEATED = 4
_WALKS = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789012345",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
)
_PATHS = tuple(path for walk in _WALKS for path in (walk, walk[::-1]))
_LEET = ("0134578@$!|+", "oleastbasilt")
_NO_SEPARATORS = {ord(sign): None for sign in " \t\u3000-_.,/"}
_READINGS = (
    str.maketrans(*_LEET),
    str.maketrans({**dict(zip(*_LEET, strict=True)), "1": "i", "!": "l", "|": "i"}),
)


def is_common(password: str) -> bool:
    plain = unicodedata.normalize("NFKC", password).lower()
    return any(_is_common(text) for text in {plain, plain.translate(_NO_SEPARATORS)})


def _is_common(text: str) -> bool:
    unit = _unit(text)
    if len(unit) <= _MOST_REPEATED and len(text) > len(unit):
        return True
    tried = (text, unit, unit + unit) if unit != text else (text,)
    return _is_walk(text) or any(form in _listed() for one in tried for form in _undressed(one))


def plain_readings(text: str) -> Iterator[str]:
    """As it is written, and as who writes 3 for e reads it."""
    yield text
    for reading in _READINGS:
        yield text.translate(reading)


@cache
def _listed() -> frozenset[str]:
    with gzip.open(_LIST, "rt", encoding="utf-8") as lines:
        return frozenset(line.strip() for line in lines)


def _undressed(text: str) -> Iterator[str]:
    """The text with fewer and fewer of the digits and signs around it, in each reading."""
    front, end = _signs_before(text), _signs_before(text[::-1])
    for before in range(min(front, _MOST_DRESSING) + 1):
        for after in range(min(end, _MOST_DRESSING - before) + 1):
            bare = text[before : len(text) - after]
            if len(bare) >= _SHORTEST:
                yield from plain_readings(bare)


def _signs_before(text: str) -> int:
    """How many characters stand before the first letter."""
    return next((place for place, character in enumerate(text) if character.isalpha()), len(text))


def _unit(text: str) -> str:
    """What the text repeats from beginning to end; itself where it repeats nothing."""
    place = (text + text).find(text, 1)
    return text[:place] if 0 < place < len(text) else text


def _is_walk(plain: str) -> bool:
    """Made of nothing but steps along the alphabet, the digits or a keyboard, however often it turns."""
    place = 0
    while place < len(plain):
        step = _step(plain, place)
        if step < _SHORTEST_STEP:
            return False
        place += step
    return bool(plain)


def _step(plain: str, place: int) -> int:
    """How far the longest walk from here goes; a key that is held counts as a walk."""
    longest = len(plain[place:]) - len(plain[place:].lstrip(plain[place]))
    for path in _PATHS:
        end = place + max(longest, _SHORTEST_STEP - 1) + 1
        while end <= len(plain) and plain[place:end] in path:
            longest = end - place
            end += 1
    return longest
