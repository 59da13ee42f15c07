"""Text from people: what may be stored, how names are compared, and what is safe to show."""

import re
import unicodedata

_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def is_storable(text: str) -> bool:
    """No control characters but tab and line ends, no half surrogate pairs, no NUL: what every database
    takes."""
    return not _REFUSED.search(text)


def is_one_line(text: str) -> bool:
    """Storable, and without line ends or tabs: names, and whatever may come near a header or a log."""
    return is_storable(text) and not any(character in text for character in "\t\r\n\u2028\u2029")


def normal(text: str) -> str:
    """The one spelling (NFC) under which text is stored."""
    return unicodedata.normalize("NFC", text)


def comparable(text: str) -> str:
    """Equal for texts that people would call the same name, whatever their case or compatibility forms."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def without_direction_marks(text: str) -> str:
    """Without the controls that turn the direction of writing, which can make one name look like another."""
    return _BIDI.sub("", text)
