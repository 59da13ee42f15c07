"""Shares and concentration, in examples that can be checked by hand."""

from decimal import Decimal

import pytest

from portfolios.accounting.allocation import allocation, concentration, grouped

VALUES = {"solana": Decimal(600), "bonk": Decimal(300), "usd-coin": Decimal(100)}


def test_shares_are_of_the_whole_and_the_largest_comes_first() -> None:
    assert [(one.name, one.share) for one in allocation(VALUES)] == [
        ("solana", Decimal("0.600000")),
        ("bonk", Decimal("0.300000")),
        ("usd-coin", Decimal("0.100000")),
    ]


def test_what_is_worth_nothing_has_no_share() -> None:
    assert [one.name for one in allocation({"solana": Decimal(1), "dust": Decimal(0)})] == ["solana"]
    assert allocation({}) == []
    assert concentration([]) is None


def test_concentration_is_the_sum_of_squared_shares() -> None:
    """0.6² + 0.3² + 0.1² = 0.46; 1 / 0.46 = 2.17 equal parts."""
    found = concentration(allocation(VALUES))
    assert found is not None
    assert (found.herfindahl, found.equal_parts) == (Decimal("0.460000"), Decimal("2.17"))
    assert found.one_is_too_large
    assert found.is_concentrated


@pytest.mark.parametrize(("parts", "concentrated"), [(2, True), (3, True), (4, False), (5, False)])
def test_four_equal_parts_are_spread_enough(parts: int, concentrated: bool) -> None:
    found = concentration(allocation({str(place): Decimal(7) for place in range(parts)}))
    assert found is not None
    assert found.is_concentrated is concentrated
    assert not found.one_is_too_large


def test_categories_are_added_up() -> None:
    groups = {"solana": "infrastructure", "bonk": "meme"}
    assert grouped(VALUES | {"wif": Decimal(5)}, groups | {"wif": "meme"}) == {
        "infrastructure": Decimal(600),
        "meme": Decimal(305),
        "other": Decimal(100),
    }
