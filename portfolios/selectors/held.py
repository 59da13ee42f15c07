"""Where somebody holds an asset."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from portfolios.accounting.exact import total
from portfolios.models import Holding


@dataclass(frozen=True)
class HeldBy:
    """Holdings of one asset in the portfolios of one owner, the default portfolio's first."""

    holdings: Sequence[Holding]

    @property
    def quantity(self) -> Decimal:
        return total(holding.quantity for holding in self.holdings)


def held_by(owner_id: UUID, asset: str) -> HeldBy | None:
    """None where there is none of it. One query."""
    own = Holding.objects.filter(portfolio__owner_id=owner_id, asset=asset, quantity__gt=0)
    holdings = list(
        own.select_related("portfolio").order_by("-portfolio__is_default", "portfolio__created_at")
    )
    return HeldBy(holdings) if holdings else None
