"""The default registry: the tokens that a new Khalsi follows, from `markets/registry.csv`."""

import csv
from pathlib import Path

from markets.models import Token

REGISTRY = Path(__file__).resolve().parents[1] / "registry.csv"


def read_registry(file: Path = REGISTRY) -> list[Token]:
    """The tokens of the file, unsaved."""
    with file.open(newline="", encoding="utf-8") as lines:
        return [_token(row) for row in csv.DictReader(lines)]


def sync_registry(file: Path = REGISTRY) -> int:
    """Add the tokens that are missing; those there stay as staff made them. Gives how many were added."""
    wanted = read_registry(file)
    known = set(Token.objects.values_list("coingecko_id", flat=True))
    missing = [token for token in wanted if token.coingecko_id not in known]
    Token.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)


def _token(row: dict[str, str]) -> Token:
    return Token(
        coingecko_id=row["coingecko_id"].strip(),
        symbol=row["symbol"].strip().upper(),
        name=row["name"].strip(),
        mint=row["mint"].strip(),
        category=row["category"].strip() or Token.Category.OTHER,
        binance_symbol=row["binance_symbol"].strip(),
        solana=row["solana"].strip().lower() in {"1", "true", "yes"},
    )
