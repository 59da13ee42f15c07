"""What people search for: the newest snapshot, with the latest quotes of those tokens that are followed."""

from dataclasses import dataclass
from datetime import datetime

from markets.models import TrendingToken


@dataclass(frozen=True)
class Trending:
    """`observed_at` is None where no snapshot was ever taken (a replay has none)."""

    places: list[TrendingToken]
    total: int
    observed_at: datetime | None
    source: str


def trending(*, limit: int, category: str | None = None, everywhere: bool = False) -> Trending:
    """The first `limit` places of the newest snapshot; only followed Solana tokens unless `everywhere`."""
    newest = TrendingToken.objects.order_by("-observed_at").values("observed_at")[:1]
    snapshot = (
        TrendingToken.objects.filter(observed_at=newest).select_related("token__latest").order_by("rank")
    )
    rows = list(snapshot)
    places = [row for row in rows if _wanted(row, category, everywhere)]
    return Trending(
        places=places[:limit],
        total=len(places),
        observed_at=rows[0].observed_at if rows else None,
        source=rows[0].source if rows else "",
    )


def _wanted(row: TrendingToken, category: str | None, everywhere: bool) -> bool:
    token = row.token
    if not everywhere and (token is None or not token.solana or not token.active):
        return False
    return category is None or (token is not None and token.category == category)
