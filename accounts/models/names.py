"""How e-mail addresses and usernames are written, stored and compared.

A username is shown as its owner wrote it (NFC) and compared by its key, so that `Zoë` and `ZOË` are one name
on every database: SQLite's own LOWER knows ASCII only.
"""

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from core.lib.text import comparable, normal

_validate_form = EmailValidator("Write an e-mail address such as alice@example.com.")
USERNAME_RULE = "Write 3 to 50 letters and digits."
_LOOK_ALIKE = {"LATIN", "CYRILLIC", "GREEK", "COPTIC", "ARMENIAN", "CHEROKEE", "LISU"}
"""Alphabets whose letters look alike: `аlice` with a Cyrillic а would be another name for the same eyes."""


def normal_email(email: str) -> str:
    """The form under which an address is stored and looked up: no outer space, lower case."""
    return email.strip().lower()


def sought_email(email: str) -> str:
    """What to look up for text that somebody sent: none has NUL, half pairs or other scripts in it."""
    return normal_email(email) if email.isascii() and email.isprintable() else ""


def validate_address(email: str) -> None:
    """An address in ASCII: a look-alike letter in it would make a second address for the same eyes."""
    if not email.isascii() or not email.isprintable():
        raise ValidationError("Write an e-mail address without accents; a domain may be written as xn--….")
    _validate_form(email)


def normal_username(username: str) -> str:
    return normal(username)


def username_key(username: str) -> str:
    return comparable(username)


def validate_username(username: str) -> None:
    """Letters and decimal digits alone, and no compatibility forms (ﬁ, ２, ℌ), that look like others."""
    whole = 3 <= len(username) <= 50 and all(map(_letter_or_digit, username))
    if not whole or unicodedata.normalize("NFKC", username) != username:
        raise ValidationError(USERNAME_RULE)
    if len(_LOOK_ALIKE & set(map(_alphabet, username))) > 1:
        raise ValidationError("Write it in the letters of one alphabet.")


def _alphabet(letter: str) -> str:
    """As the name of the character begins: `LATIN SMALL LETTER A`."""
    return unicodedata.name(letter, "").partition(" ")[0]


def _letter_or_digit(character: str) -> bool:
    category = unicodedata.category(character)
    return category.startswith("L") or category == "Nd"
