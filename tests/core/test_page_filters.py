"""How pages write figures: worked examples a person can check."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template

from core.drawing.bars import Chances
from core.templatetags import khalsi as words

NOW = datetime(2025, 3, 15, 14, 30, tzinfo=UTC)


def shown(text: str, **context: object) -> str:
    return Template(text).render(Context({"now": NOW, **context}))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (98765.4321, "$98,765.43"),
        (142.3, "$142.30"),
        (1.00021, "$1.0002"),
        (0.9998, "$0.9998"),
        (0.00001234, "$0.00001234"),
        (1e-8, "$0.00000001000"),
        (0.0, "$0.00"),
    ],
)
def test_a_price_shows_the_digits_that_matter(value: float, text: str) -> None:
    assert words.price_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (87.2, "$87"),
        (12_340, "$12.3 k"),
        (340_000_000, "$340 m"),
        (1_234_000_000, "$1.23 bn"),
        (999_990, "$1.00 m"),
        (2.1e12, "$2.10 tn"),
        (-5_600_000, "−$5.60 m"),
    ],
)
def test_money_is_short(value: float, text: str) -> None:
    assert words.money_text(value) == text


@pytest.mark.parametrize(
    ("value", "sign", "word"),
    [(3.4, "+3.40 %", "up"), (-2.1, "−2.10 %", "down"), (0.001, "0.00 %", "unchanged")],
)
def test_a_change_has_a_sign_an_arrow_and_a_word(value: float, sign: str, word: str) -> None:
    text = shown("{{ value|percent }}", value=value)
    assert sign in text
    assert f">{word} <" in text
    assert 'aria-hidden="true"' in text


@pytest.mark.parametrize(
    "name", ["price", "money", "percent", "share", "points", "amount", "count", "signed_share"]
)
def test_what_is_unknown_is_said_to_be_unknown(name: str) -> None:
    text = shown("{{ value|%s }}" % name, value=None)  # noqa: UP031
    assert "unknown" in text
    assert "0" not in text


@pytest.mark.parametrize(
    ("value", "text"), [(0.071, "+7 points"), (-0.012, "−1 point"), (0.002, "±0 points")]
)
def test_a_difference_of_shares_is_in_points(value: float, text: str) -> None:
    assert shown("{{ value|points }}", value=value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (2, "just now"),
        (45, "45 s ago"),
        (720, "12 min ago"),
        (4800, "1 h 20 min ago"),
        (26 * 3600, "26 h ago"),
        (3 * 86400, "3 d ago"),
        (-900, "in 15 min"),
    ],
)
def test_an_age_is_told_in_the_unit_that_fits(seconds: float, text: str) -> None:
    assert words.age_text(seconds) == text


def test_an_age_carries_its_moment_for_machines_and_readers() -> None:
    text = shown("{% age at now %}", at=NOW - timedelta(minutes=14))
    assert 'datetime="2025-03-15T14:16:00Z"' in text
    assert "14 min ago" in text
    assert "15 Mar 2025 14:16:00 UTC" in text


def test_freshness_is_a_word_before_it_is_a_colour() -> None:
    assert ">stale<" in shown("{% freshness 'stale' %}")
    assert ">no data<" in shown("{% freshness None %}")


def test_a_name_with_markup_stays_text_in_a_figure() -> None:
    text = shown("{% sparkline values name %}", values=[1.0, 2.0], name="<b>SOL")
    assert "<b>" not in text


def test_a_bar_without_a_forecast_is_unknown() -> None:
    assert "unknown" in shown("{% probability_bar None None 'SOL' %}")


def test_a_bar_shows_forecast_and_baseline() -> None:
    chances, base = Chances(0.3, 0.3, 0.4), Chances(0.3, 0.4, 0.3)
    text = shown("{% probability_bar said base 'SOL' %}", said=chances, base=base)
    assert "Baseline: down 30%, sideways 40%, up 30%." in text
