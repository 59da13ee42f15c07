"""The tokens that the sandbox may show: the rows of `markets/registry.csv`."""

import csv
from dataclasses import dataclass
from pathlib import Path

REGISTRY = Path(__file__).parent.parent / "registry.csv"


@dataclass(frozen=True)
class Listing:
    """A token as the providers name it."""

    coingecko_id: str
    symbol: str
    name: str
    mint: str
    category: str
    binance_symbol: str
    solana: bool


def read_registry(path: Path = REGISTRY) -> list[Listing]:
    with path.open(encoding="utf-8", newline="") as file:
        return [_listing(row) for row in csv.DictReader(file)]


def _listing(row: dict[str, str]) -> Listing:
    return Listing(
        coingecko_id=row["coingecko_id"],
        symbol=row["symbol"],
        name=row["name"],
        mint=row["mint"],
        category=row["category"],
        binance_symbol=row["binance_symbol"],
        solana=row["solana"] == "1",
    )
