"""How pages write prices, percentages, ages and states. Loaded everywhere; a template needs no `load` for it.

A figure that is absent is a dash that screen readers hear as "unknown", never 0. Up and down have a
sign, an arrow and a word. `static/js/format.js` writes live values in the same way; a test compares them.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeGuard, TypeVar

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core.drawing import bars
from core.drawing import columns as over_an_hour
from core.drawing import sparkline as lines
from core.lib.clock import iso
from core.lib.devices import device_text

register = template.Library()
T = TypeVar("T")

_UNITS = ((1e12, " tn"), (1e9, " bn"), (1e6, " m"), (1e3, " k"))
_SPANS = ((86400, "d"), (3600, "h"), (60, "min"))
UNKNOWN = format_html(
    '<span class="unknown"><span aria-hidden="true">{}</span>'
    '<span class="visually-hidden">unknown</span></span>',
    "–",
)


def price_text(value: float) -> str:
    """Two decimals from 10 up, four from 1 up, below four digits that matter: $142.30, $0.00001234."""
    if value == 0:
        return "$0.00"
    size = abs(value)
    decimals = 2 if size >= 10 else 4 if size >= 1 else min(16, 3 - math.floor(math.log10(size)))
    return f"{'−' if value < 0 else ''}${size:,.{decimals}f}"


def money_text(value: float) -> str:
    """Short: $1.2 bn, $340 m, $12.3 k, $87."""
    size, sign = abs(value), "−" if value < 0 else ""
    for unit, word in _UNITS:
        if size >= unit * 0.9995:
            return f"{sign}${_short(size / unit)}{word}"
    return f"{sign}${size:,.0f}"


def span_text(seconds: float) -> str:
    """The largest unit that fits, with the next below two of it: 45 s, 12 min, 1 h 20 min, 26 h, 3 d."""
    if seconds < 60:
        return f"{max(0, int(seconds))} s"
    for unit, word in _SPANS:
        if seconds >= unit * (2 if unit == 86400 else 1):
            return _with_rest(int(seconds), unit, word)
    return "0 s"


def zone_text(local: datetime) -> str:
    """`UTC`, `CET`, and for zones without a name of their own `UTC+5:30`."""
    name = local.tzname() or ""
    if name[:1].isalpha():
        return name
    hours, minutes = name[:3].replace("-", "−"), name[3:]
    return f"UTC{hours[0]}{int(hours[1:])}{f':{minutes}' if minutes else ''}"


@register.filter
def price(value: float | None) -> SafeString | str:
    return price_text(value) if _known(value) else UNKNOWN


@register.filter
def money(value: float | None) -> SafeString | str:
    return money_text(value) if _known(value) else UNKNOWN


@register.filter
def amount(value: float | None) -> SafeString | str:
    """A count of tokens or things, short and without a currency."""
    return money_text(value).replace("$", "") if _known(value) else UNKNOWN


@register.filter
def percent(value: float | None) -> SafeString:
    """A signed change in percent (not a share): ▲ +3.42 %."""
    if not _known(value):
        return UNKNOWN
    shown = round(value, 2)
    css, arrow, word, sign = _direction(shown)
    return format_html(
        '<span class="change change--{}"><span aria-hidden="true">{} </span>'
        '<span class="visually-hidden">{} </span>{}{} %</span>',
        css,
        arrow,
        word,
        sign,
        f"{abs(shown):,.2f}",
    )


@register.filter
def share(value: float | None, decimals: int = 0) -> SafeString | str:
    """A probability or share as a percentage: 0.412 is 41 %."""
    return f"{value * 100:.{decimals}f} %" if _known(value) else UNKNOWN


@register.filter
def points(value: float | None) -> SafeString | str:
    """A difference of two shares in percentage points: +7 points."""
    if not _known(value):
        return UNKNOWN
    whole = round(value * 100)
    sign = "+" if whole > 0 else "−" if whole < 0 else "±"
    return f"{sign}{abs(whole)} point{'' if abs(whole) == 1 else 's'}"


@register.filter
def signed_share(value: float | None) -> SafeString | str:
    """A skill: 0.034 is +3.4 %."""
    if not _known(value):
        return UNKNOWN
    percent = round(value * 100, 1)
    return f"{'+' if percent > 0 else '−' if percent < 0 else '±'}{abs(percent):.1f} %"


@register.filter
def count(value: int | None) -> SafeString | str:
    return f"{value:,}" if _known(value) else UNKNOWN


@register.simple_tag(takes_context=True)
def moment(context: Context, value: datetime | None) -> SafeString:
    """A time written out, by the reader's clock where the page knows who reads (`chosen.zone`), else in UTC."""
    if not _known(value):
        return UNKNOWN
    chosen = context.get("chosen")
    local = value.astimezone(chosen.zone if chosen else UTC)
    return format_html(
        '<time datetime="{}">{}</time>', iso(value), f"{local:%d %b %Y %H:%M} {zone_text(local)}"
    )


@register.filter
def device(user_agent: str) -> SafeString:
    """What a session or an entry of the log was made with; the whole of what the client said on hovering."""
    return format_html('<span title="{}">{}</span>', user_agent, device_text(user_agent))


@register.simple_tag
def age(value: datetime | None, now: datetime, clock: str = "market") -> SafeString:
    """How long ago, or how long until; a script keeps it running by the same clock (market or wall time)."""
    if not _known(value):
        return UNKNOWN
    return format_html(
        '<time datetime="{}" title="{}" data-age="{}">{}</time>',
        iso(value),
        f"{value:%d %b %Y %H:%M:%S} UTC",
        clock,
        age_text((now - value).total_seconds()),
    )


def age_text(seconds: float) -> str:
    if seconds < 0:
        return f"in {span_text(-seconds)}"
    return "just now" if seconds < 5 else f"{span_text(seconds)} ago"


@register.simple_tag
def freshness(word: str | None) -> SafeString:
    """Live, stale, or nothing yet: the word is the sign, the colour only helps."""
    css = {"live": "live", "stale": "stale"}.get(word or "", "none")
    return format_html('<span class="badge badge--{}" data-freshness>{}</span>', css, word or "no data")


@register.simple_tag
def sparkline(values: Sequence[float | None], title: str, width: int = 112, height: int = 32) -> SafeString:
    drawn = lines.sparkline(values, title=title, width=width, height=height)
    return _drawn(drawn) if drawn else UNKNOWN


@register.simple_tag
def column_chart(counts: Sequence[int], title: str) -> SafeString:
    return _drawn(over_an_hour.columns(counts, title=title))


@register.simple_tag
def milliseconds(seconds: float | None) -> SafeString | str:
    return f"{seconds * 1000:,.0f} ms" if _known(seconds) else UNKNOWN


@register.simple_tag
def probability_bar(
    chances: bars.Chances | None,
    baseline: bars.Chances | None,
    title: str,
    width: int = 132,
    height: int = 16,
) -> SafeString:
    if chances is None:
        return UNKNOWN
    return _drawn(bars.probability_bar(chances, baseline, title=title, width=width, height=height))


def _known(value: T | None) -> TypeGuard[T]:
    """Neither None nor the empty text that a template makes of an attribute of None."""
    return value is not None and value != ""


def _drawn(svg: str) -> SafeString:
    return mark_safe(svg)  # noqa: S308  # core.drawing escapes every text and attribute


def _direction(value: float) -> tuple[str, str, str, str]:
    if value > 0:
        return "up", "▲", "up", "+"
    return ("down", "▼", "down", "−") if value < 0 else ("level", "■", "unchanged", "")


def _short(value: float) -> str:
    """Three significant digits: 1.23, 12.3, 123."""
    decimals = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{decimals}f}"


def _with_rest(seconds: int, unit: int, word: str) -> str:
    whole, rest = divmod(seconds, unit)
    if unit == 3600 and whole < 10 and rest >= 60:
        return f"{whole} h {rest // 60} min"
    return f"{whole} {word}"
