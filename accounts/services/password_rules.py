"""Rules for new passwords, as validators that Django runs wherever one is set. Nothing is cut or trimmed."""

import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError

from accounts.services.common_passwords import is_common, plain_readings

LONGEST = 128
SHAPE = (
    f"Write 12 to {LONGEST} characters,"
    " or at least 8 with lower case, upper case, a digit and another character."
)
_SHORTEST_NAME = 4
_KINDS: tuple[Callable[[str], bool], ...] = (
    str.islower,
    str.isupper,
    str.isdigit,
    lambda character: not character.isalnum(),
)


class ShapeValidator:
    """12 to 128 characters of any kind, or 8 and more with all four kinds."""

    def validate(self, password: str, user: Any = None) -> None:
        varied = all(any(map(kind, password)) for kind in _KINDS)
        if not (8 if varied else 12) <= len(password) <= LONGEST:
            raise ValidationError(SHAPE, code="password_shape")

    def get_help_text(self) -> str:
        return SHAPE


class CommonValidator:
    """Refuses what attackers try early: passwords of published breaches, dressed up or not, and keyboard walks."""

    def validate(self, password: str, user: Any = None) -> None:
        if is_common(password):
            raise ValidationError(self.get_help_text(), code="password_too_common")

    def get_help_text(self) -> str:
        return "Choose a password that others do not use: this one is among the first that attackers try."


class OwnNamesValidator:
    """Refuses a password of names that an attacker tries first, with digits, signs or few letters around."""

    def validate(self, password: str, user: Any = None) -> None:
        names = sorted(_names(user), key=len, reverse=True)
        written = password.lower()
        readings = zip(plain_readings(written), *map(plain_readings, names), strict=True)
        if any(_is_made_of(written, text, own) for text, *own in readings):
            raise ValidationError(self.get_help_text(), code="password_own_names")

    def get_help_text(self) -> str:
        return "Choose a password that is not made of your e-mail, your username or the word Khalsi."


def _is_made_of(written: str, text: str, names: list[str]) -> bool:
    """Whether few letters stand beside these names in `text`, which is a reading of what is `written`."""
    beside = list(written)
    for name in names:
        for found in re.finditer(re.escape(name), text):
            beside[found.start() : found.end()] = " " * len(name)
    return beside != list(written) and sum(map(str.isalpha, beside)) < _SHORTEST_NAME


def _names(user: Any) -> set[str]:
    email = str(getattr(user, "email", "") or "").lower()
    username = str(getattr(user, "username", "") or "").lower()
    parts = {email, email.partition("@")[0], username, *re.split(r"\W+", email)}
    return {"khalsi"} | {part for part in parts if len(part) >= _SHORTEST_NAME}
