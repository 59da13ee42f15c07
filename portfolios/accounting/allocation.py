"""How a portfolio's value is spread: shares by name, and how concentrated that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

MOST_IN_ONE = Decimal("0.5")
"""A larger share in one token is worth a warning."""
MOST_HERFINDAHL = Decimal("0.25")
"""Above it a market counts as highly concentrated (US merger guidelines of 2010, 2,500 points): fewer than four equal
parts."""
_PLACES = Decimal("0.000001")
_DIGITS = 60


@dataclass(frozen=True, slots=True)
class Slice:
    name: str
    value_usd: Decimal
    share: Decimal
    """0 to 1, of all that could be valued."""


@dataclass(frozen=True, slots=True)
class Concentration:
    """`herfindahl` is the sum of squared shares: 1 where all lies in one token, 1/n where n are equal. Its inverse is
    the number of equal parts that would be as concentrated."""

    largest: Slice
    herfindahl: Decimal
    equal_parts: Decimal

    @property
    def one_is_too_large(self) -> bool:
        return self.largest.share > MOST_IN_ONE

    @property
    def is_concentrated(self) -> bool:
        return self.herfindahl > MOST_HERFINDAHL


def allocation(values: Mapping[str, Decimal]) -> list[Slice]:
    """Largest first, then by name. What is worth nothing has no slice; what could not be valued must not be given."""
    with localcontext(prec=_DIGITS):
        total = sum(values.values(), Decimal(0))
        slices = [
            Slice(name, value, (value / total).quantize(_PLACES))
            for name, value in values.items()
            if value > 0
        ]
    return sorted(slices, key=lambda one: (-one.value_usd, one.name))


def grouped(values: Mapping[str, Decimal], group_of: Mapping[str, str]) -> dict[str, Decimal]:
    """Values added up by group; names without one come under "other"."""
    sums: dict[str, Decimal] = {}
    with localcontext(prec=_DIGITS):
        for name, value in values.items():
            group = group_of.get(name, "other")
            sums[group] = sums.get(group, Decimal(0)) + value
    return sums


def concentration(slices: list[Slice]) -> Concentration | None:
    """Of slices as `allocation` gives them; None where there is none."""
    if not slices:
        return None
    with localcontext(prec=_DIGITS):
        total = sum((one.value_usd for one in slices), Decimal(0))
        herfindahl = sum(((one.value_usd / total) ** 2 for one in slices), Decimal(0))
        return Concentration(
            largest=slices[0],
            herfindahl=herfindahl.quantize(_PLACES),
            equal_parts=(1 / herfindahl).quantize(Decimal("0.01")),
        )
