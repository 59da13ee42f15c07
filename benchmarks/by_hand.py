"""The least that storing quotes can cost: two statements with unnest, written by hand, into twins of our tables."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db import connection, transaction

TWINS = {"bench_quote": "markets_quote", "bench_latest": "markets_latestquote"}
HISTORY = ("observed_at", "price_usd", "market_cap", "volume_24h", "change_percentage_24h")


def _make_twins() -> None:
    with connection.cursor() as cursor:
        for twin, table in TWINS.items():
            cursor.execute(f"CREATE TABLE IF NOT EXISTS {twin} (LIKE {table} INCLUDING ALL)")
            cursor.execute(
                f"ALTER TABLE {twin} DROP CONSTRAINT IF EXISTS {twin}_token,"
                f" ADD CONSTRAINT {twin}_token FOREIGN KEY (token_id) REFERENCES markets_token (id)"
            )


def write_by_hand(records: Sequence[Any], ids: Mapping[str, int], now: datetime) -> float:
    """Seconds of one transaction that appends to the history and overwrites what is older in the latest."""
    _make_twins()
    from markets.models import LatestQuote
    from markets.providers.base import MarketRecord

    types = {str(f.column): f.db_type(connection) for f in LatestQuote._meta.fields}
    latest = [field.name for field in fields(MarketRecord) if field.name in types]
    began = time.perf_counter()
    tokens = [ids[record.coingecko_id] for record in records]
    given = (tokens, [now] * len(tokens), ["simulated"] * len(tokens))
    with transaction.atomic(), connection.cursor() as cursor:
        for twin, names, conflict in (
            ("bench_quote", list(HISTORY), "DO NOTHING"),
            ("bench_latest", latest, f"(token_id) DO UPDATE SET {_overwrite(latest)}"),
        ):
            columns = ", ".join(("token_id", "fetched_at", "source", *names))
            kinds = ("bigint", "timestamptz", "text", *(types[name] for name in names))
            arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
            values = [[getattr(record, name) for record in records] for name in names]
            cursor.execute(
                f"INSERT INTO {twin} ({columns}) SELECT * FROM unnest({arrays}) ON CONFLICT {conflict}",
                [*given, *values],
            )
    return time.perf_counter() - began


def _overwrite(names: Sequence[str]) -> str:
    sets = ", ".join(f"{name} = excluded.{name}" for name in (*names, "fetched_at", "source"))
    return f"{sets} WHERE bench_latest.observed_at < excluded.observed_at"
