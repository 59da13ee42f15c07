"""How pages write what people own: exact quantities, dollars to the cent, profit with a sign, an arrow and a word."""

import math
from decimal import Decimal

from django import template
from django.utils.safestring import SafeString, mark_safe

from core.drawing import share
from core.lib.decimals import trimmed
from core.templatetags.khalsi import UNKNOWN, _direction, _drawn

register = template.Library()
_READABLE = Decimal("1e-8")


@register.filter
def quantity(value: Decimal | None) -> SafeString | str:
    """Every digit, grouped before the point: 1,234.5."""
    return UNKNOWN if value is None or value == "" else quantity_text(value)


def quantity_text(value: Decimal) -> str:
    text = trimmed(abs(value))
    whole, _, rest = text.partition(".")
    sign = "−" if value < 0 else ""
    return f"{sign}{int(whole):,}{'.' + rest if rest else ''}"


@register.filter
def dollars(value: Decimal | None) -> SafeString | str:
    """To the cent; below a cent the first four digits. The exact amount shows on hovering where that cuts any."""
    if value is None or value == "":
        return UNKNOWN
    shown = dollars_text(value)
    if Decimal(shown.replace(",", "").replace("$", "").replace("−", "-")) == value:
        return shown
    return _with_all(value, shown)


def dollars_text(value: Decimal) -> str:
    size = abs(value)
    decimals = 2 if size >= Decimal("0.01") or size == 0 else min(18, 3 - math.floor(math.log10(size)))
    return f"{'−' if value < 0 else ''}${size:,.{decimals}f}"


@register.filter
def digits(value: Decimal | None) -> SafeString | str:
    """Dollars for sums that a person adds up: two decimals at least, eight at most, every digit on hovering."""
    if value is None or value == "":
        return UNKNOWN
    rounded = value.quantize(_READABLE)
    whole, _, rest = quantity_text(abs(rounded)).partition(".")
    shown = f"{'−' if value < 0 else ''}${whole}.{rest.ljust(2, '0')}"
    return shown if rounded == value else _with_all(value, shown)


@register.filter
def gain(value: Decimal | None) -> SafeString | str:
    """Profit or loss: ▲ +$12.30."""
    if value is None or value == "":
        return UNKNOWN
    css, arrow, word, sign = _direction(float(value))
    return _plain(
        f'<span class="change change--{css}" title="{quantity_text(value)} USD">'
        f'<span aria-hidden="true">{arrow} </span>'
        f'<span class="visually-hidden">{word} </span>{sign}{dollars_text(abs(value))}</span>'
    )


@register.filter
def in_words(name: str) -> str:
    """A name of the API as people read it: transfer_in is Transfer in."""
    return str(name).replace("_", " ").capitalize()


@register.simple_tag
def share_bar(value: Decimal | None, title: str, width: int = 120) -> SafeString | str:
    return UNKNOWN if value is None else _drawn(share.share_bar(float(value), title=title, width=width))


def _with_all(value: Decimal, shown: str) -> SafeString:
    """Every digit on hovering."""
    return _plain(f'<span title="{quantity_text(value)} USD">{shown}</span>')


def _plain(html: str) -> SafeString:
    """Of digits and words of our own alone. A page has thousands of these, and escaping them costs as much as making
    them."""
    return mark_safe(html)  # noqa: S308
