"""What else changes with a transaction whose price, quantity or total was changed."""

from collections.abc import Mapping
from typing import Any

from portfolios.accounting.money import DOLLARS
from portfolios.models import Transaction

_OF_WORTH = {"price_usd", "quantity", "quote_quantity", "quote_asset"}


def price_following(row: Transaction, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Price and total of a trade in dollars say the same. Where one of them alone is changed, the other follows from
    it; where the quantity alone is, the price does."""
    said = dict(changes)
    if not _OF_WORTH & said.keys() or said.get("quote_asset", row.quote_asset) != DOLLARS:
        return said
    if "quote_quantity" in said or "price_usd" not in said:
        total = said.get("quote_quantity", row.quote_quantity)
        if total is not None and "price_usd" not in said:
            said["price_usd"] = None  # the entry works it out of the total
    else:
        said["quote_quantity"] = None
    return said
