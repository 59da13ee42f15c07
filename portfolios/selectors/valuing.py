"""Holdings at the latest prices: each with when it was so and who said it, and totals that say what they leave out."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from markets.freshness import Freshness, quote_freshness
from markets.models import LatestQuote, Token
from markets.selectors.latest import quote_of
from portfolios.accounting.exact import ZERO, exact, total
from portfolios.accounting.standing import Held, Standing, as_written, percent_of, price_before, standing
from portfolios.models import Holding, Portfolio


@dataclass(frozen=True)
class Valued:
    """One holding, its token where the asset is a registered one, and its newest price where there is any."""

    holding: Holding
    token: Token | None
    quote: LatestQuote | None
    freshness: Freshness | None
    standing: Standing
    share: Decimal | None
    """0 to 1, of all that could be valued."""

    @property
    def asset(self) -> str:
        return self.holding.asset

    @property
    def symbol(self) -> str:
        return self.token.symbol if self.token else self.holding.asset

    @property
    def name(self) -> str:
        return self.token.name if self.token else "not a token that is followed"

    @property
    def is_held(self) -> bool:
        return bool(self.holding.quantity > 0 or self.holding.short > 0)

    @property
    def realised_usd(self) -> Decimal | None:
        """None where cost or price of something sold is unknown; `holding.realised_usd` is the part that is known."""
        return self.holding.realised_usd if self.realised_is_whole else None

    @property
    def realised_is_whole(self) -> bool:
        unknown = (
            self.holding.short,
            self.holding.proceeds_of_unknown_cost_usd,
            self.holding.cost_of_unknown_proceeds_usd,
        )
        return not any(unknown)

    @property
    def day_change_percent(self) -> float | None:
        return self.quote.change_percentage_24h if self.quote and self.freshness == "live" else None


@dataclass(frozen=True)
class Valuation:
    """A portfolio at `now` (market time), the most valuable holding first, those without a price last."""

    portfolio: Portfolio
    rows: Sequence[Valued]
    now: datetime

    @cached_property
    def held(self) -> list[Valued]:
        return [row for row in self.rows if row.is_held]

    @cached_property
    def past(self) -> list[Valued]:
        """What is held no longer: its realised profit still counts."""
        return [row for row in self.rows if not row.is_held]

    @cached_property
    def unpriced(self) -> list[Valued]:
        return [row for row in self.held if row.quote is None and row.holding.quantity > 0]

    @cached_property
    def stale(self) -> list[Valued]:
        return [row for row in self.held if row.freshness == "stale"]

    @cached_property
    def of_unknown_cost(self) -> list[Valued]:
        return [row for row in self.held if row.holding.quantity_of_unknown_cost > 0]

    @cached_property
    def short(self) -> list[Valued]:
        return [row for row in self.held if row.holding.short > 0]

    @cached_property
    def value_usd(self) -> Decimal | None:
        """Of what has a price, stale ones too; None where something is held and nothing of it has one."""
        return _known_total(row.standing.value_usd for row in self.held)

    @cached_property
    def value_of_stale_usd(self) -> Decimal:
        return total(row.standing.value_usd or ZERO for row in self.stale)

    @cached_property
    def cost_known_usd(self) -> Decimal:
        return total(row.standing.cost_known_usd for row in self.held)

    @cached_property
    def cost_usd(self) -> Decimal | None:
        return None if self.of_unknown_cost else self.cost_known_usd

    @cached_property
    def unrealised_known_usd(self) -> Decimal | None:
        return _known_total(row.standing.unrealised_known_usd for row in self.held)

    @cached_property
    def cost_behind_unrealised_usd(self) -> Decimal:
        """Of what has both a known cost and a price: value less this is the unrealised profit that is known."""
        return total(
            row.standing.cost_known_usd for row in self.held if row.standing.unrealised_known_usd is not None
        )

    @cached_property
    def unrealised_usd(self) -> Decimal | None:
        return None if self.of_unknown_cost or self.unpriced else self.unrealised_known_usd

    @cached_property
    def realised_known_usd(self) -> Decimal:
        return total(row.holding.realised_usd for row in self.rows)

    @cached_property
    def realised_usd(self) -> Decimal | None:
        return self.realised_known_usd if all(row.realised_is_whole for row in self.rows) else None

    @cached_property
    def income_usd(self) -> Decimal:
        return total(row.holding.income_usd for row in self.rows)

    @cached_property
    def fees_usd(self) -> Decimal:
        return total(row.holding.fees_usd for row in self.rows)

    @cached_property
    def day_change_usd(self) -> Decimal | None:
        """Of what has a live price and a day's change."""
        return _known_total(row.standing.day_change_usd for row in self.held)

    @cached_property
    def without_day_change(self) -> list[Valued]:
        return [row for row in self.held if row.holding.quantity > 0 and row.standing.day_change_usd is None]

    @cached_property
    def day_change_percent(self) -> float | None:
        moved = [row.standing for row in self.held if row.standing.day_change_usd is not None]
        if self.day_change_usd is None or not moved:
            return None
        return percent_of(
            self.day_change_usd, total(one.value_usd or ZERO for one in moved) - self.day_change_usd
        )

    @cached_property
    def observed_at(self) -> datetime | None:
        """Of the oldest price in it."""
        return min((row.quote.observed_at for row in self.held if row.quote), default=None)

    @cached_property
    def left_out(self) -> list[str]:
        """What the totals leave out, or hold under reserve, in plain sentences."""
        sentences = (
            (self.unpriced, "No price is known of {}: not in the value."),
            (self.stale, "The price of {} is old: in the value as it was last seen."),
            (
                self.of_unknown_cost,
                "What {} cost is not wholly known: the profit is of the part whose cost is.",
            ),
            (self.short, "More of {} went out than ever came in: some history is missing."),
        )
        return [words.format(_named(rows)) for rows, words in sentences if rows]


def valuation(portfolio: Portfolio, now: datetime) -> Valuation:
    """In two queries, whatever the number of holdings."""
    return valuations([portfolio], now)[portfolio.id]


def valuations(portfolios: Collection[Portfolio], now: datetime) -> dict[UUID, Valuation]:
    """In two queries, whatever the number of portfolios."""
    holdings: dict[UUID, list[Holding]] = defaultdict(list)
    assets = set()
    for holding in Holding.objects.filter(portfolio__in=portfolios):
        holdings[holding.portfolio_id].append(holding)
        assets.add(holding.asset)
    tokens = priced_tokens(assets)
    return {one.id: Valuation(one, _rows(holdings[one.id], tokens, now), now) for one in portfolios}


def priced_tokens(assets: Collection[str]) -> dict[str, Token]:
    """Followed tokens by asset, each with its newest quote (`quote_of`)."""
    found = Token.objects.active().filter(coingecko_id__in=assets).select_related("latest")
    return {token.coingecko_id: token for token in found.defer("description", "links")}


def _rows(holdings: Iterable[Holding], tokens: dict[str, Token], now: datetime) -> list[Valued]:
    rows = [_valued(holding, tokens.get(holding.asset), now) for holding in holdings]
    whole = total(row.standing.value_usd or ZERO for row in rows)
    shared = [_with_share(row, whole) for row in rows]
    return sorted(shared, key=_worth_most_first)


def _valued(holding: Holding, token: Token | None, now: datetime) -> Valued:
    quote = quote_of(token) if token else None
    fresh = quote_freshness(quote.observed_at, now) if quote else None
    held = Held(holding.quantity, holding.cost_usd, holding.quantity_of_unknown_cost)
    is_live = quote is not None and fresh == "live"
    before = price_before(quote.price_usd, quote.change_percentage_24h) if quote and is_live else None
    price = as_written(quote.price_usd) if quote else None
    return Valued(holding, token, quote, fresh, standing(held, price, before), None)


def _with_share(row: Valued, whole: Decimal) -> Valued:
    value = row.standing.value_usd
    with exact():
        share = None if value is None or whole <= 0 else value / whole
    return Valued(row.holding, row.token, row.quote, row.freshness, row.standing, share)


def _worth_most_first(row: Valued) -> tuple[bool, Decimal, str]:
    value = row.standing.value_usd
    return value is None, -(value or ZERO), row.symbol


def _known_total(parts: Iterable[Decimal | None]) -> Decimal | None:
    """Of the known ones; None where there are parts and none is known."""
    every = list(parts)
    known = [part for part in every if part is not None]
    return None if every and not known else total(known)


def _named(rows: Sequence[Valued]) -> str:
    """Up to four by name, the others counted."""
    names = [row.symbol for row in rows[:4]]
    more = len(rows) - len(names)
    if more:
        return f"{', '.join(names)} and {more} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
