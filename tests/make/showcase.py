"""A whole market that looks alive, for pages and screenshots: prices, forecasts, outcomes, runs and jobs."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction

from core.models import DeadLetter, JobRun
from markets.models import Candle, LatestQuote, ProviderCalls, RefusedReply, SourceState, Token, TrendingToken
from predictions.models import EngineVersion, Forecast, ForecastRun, Outcome
from tests.make.markets import a_token
from tests.make.predictions import HORIZON, a_version, an_abstention

CAST = (
    ("BTC", "Bitcoin", "context", 97_412.5, 1, 0.35),
    ("ETH", "Ethereum", "context", 3_391.2, 2, 0.45),
    ("SOL", "Solana", "infrastructure", 142.31, 6, 0.6),
    ("USDC", "USDC", "stablecoin", 0.9998, 7, 0.002),
    ("JUP", "Jupiter", "defi", 0.6123, 61, 0.8),
    ("BONK", "Bonk", "meme", 0.00001934, 74, 1.2),
    ("WIF", "dogwifhat", "meme", 1.0412, 98, 1.4),
    ("PYTH", "Pyth Network", "infrastructure", 0.2871, 110, 0.9),
    ("RAY", "Raydium", "defi", 2.113, 121, 0.9),
    ("JTO", "Jito", "staking", 2.871, 150, 0.9),
    ("POPCAT", "Popcat", "meme", 0.3318, 190, 1.5),
    ("MEW", "cat in a dogs world", "meme", 0.004112, 210, 1.5),
    ("RENDER", "Render", "depin", 3.872, 58, 0.8),
    ("HNT", "Helium", "depin", 3.412, 170, 0.9),
    ("ORCA", "Orca", "defi", 2.551, 330, 1.0),
    ("SAMO", "Samoyedcoin", "meme", 0.001212, 1200, 1.6),
    ("NEWX", "A token listed yesterday", "other", 0.0000000412, None, 2.0),
)
HOURS, QUARTERS = 24 * 40, 4 * 24 * 3


EVERYBODY = tuple(line[0] for line in CAST)
A_FEW = ("SOL", "BONK", "HNT", "NEWX")


@transaction.atomic
def showcase(
    now: datetime, *, only: tuple[str, ...] = EVERYBODY, stale: tuple[str, ...] = ("HNT",), seed: int = 3
) -> list[Token]:
    """The cast with history up to `now`; tokens named in `stale` were last seen half an hour ago."""
    rng = np.random.default_rng(seed)
    common = _fat(rng, HOURS * 4)
    tokens = []
    for symbol, name, category, price, rank, yearly in (line for line in CAST if line[0] in only):
        mint = "" if category == "context" else f"{symbol.title()}111111111111111111111111111111111111"[:44]
        token = a_token(symbol, symbol.lower(), name=name, category=category, rank=rank, mint=mint)
        closes = _closes(price, yearly, common, rng)
        young = symbol == "NEWX"
        _candles(token, closes, now, rng, hours=20 if young else HOURS)
        seen = now - timedelta(minutes=31 if symbol in stale else 2)
        _quote(token, closes, seen, seed)
        if not young:
            _forecasts(token, closes, now, rng)
        tokens.append(token)
    _runs(now)
    _trending(tokens, now)
    return tokens


def operations(wall: datetime, now: datetime) -> None:
    """Sources, jobs and failures as a working day leaves them."""
    SourceState.objects.create(name="coingecko", last_success_at=wall - timedelta(minutes=2), refused=3)
    SourceState.objects.create(
        name="binance",
        state="half_open",
        failures=5,
        retry_at=wall + timedelta(seconds=42),
        last_success_at=wall - timedelta(minutes=19),
        last_error_at=wall - timedelta(seconds=18),
        last_error_class="SourceUnavailable",
        last_error="binance answered 503",
    )
    minute = wall.replace(second=0, microsecond=0)
    ProviderCalls.objects.create(source="coingecko", minute=minute - timedelta(minutes=7), calls=11)
    RefusedReply.objects.create(
        source="coingecko",
        endpoint="/coins/markets",
        subject="bonk",
        reason="current_price is negative; the last good price stays",
        seen_at=wall - timedelta(minutes=12),
    )
    done = {"state": JobRun.State.DONE, "progress": 1.0}
    for job, minutes in (("quotes", 2), ("candles", 9), ("score", 3), ("trending", 34)):
        at = wall - timedelta(minutes=minutes)
        slot = now.replace(second=0, microsecond=0) - timedelta(minutes=minutes)
        JobRun.objects.create(
            job=job, slot=slot, started_at=at, finished_at=at + timedelta(seconds=3), **done
        )
    JobRun.objects.create(
        job="backfill", started_at=wall, progress=0.62, detail="26 of 42 tokens, 1h candles"
    )
    DeadLetter.objects.create(
        task="markets.fetch_details", error_class="ReplyRefused", error="", failed_at=wall
    )


def _fat(rng: np.random.Generator, n: int) -> Any:
    """Student's t steps with slowly changing size: calm and wild spells, as a market has."""
    spell = np.exp(0.5 * np.convolve(rng.normal(size=n), np.ones(96) / 10, mode="same"))
    return rng.standard_t(4, n) * spell


def _closes(price: float, yearly: float, common: Any, rng: np.random.Generator) -> Any:
    own = _fat(rng, len(common))
    steps = (0.7 * common + 0.7 * own) * yearly / np.sqrt(4 * 8760) / 1.4
    path = np.exp(np.cumsum(steps))
    return price * path / path[-1]


def _candles(token: Token, closes: Any, now: datetime, rng: np.random.Generator, hours: int) -> None:
    quarter = int(now.timestamp()) // 900 * 900
    rows = _bars(token, closes[-QUARTERS - 1 :], quarter, 900, rng)
    behind = (quarter % 3600) // 900
    hourly = closes[: len(closes) - behind][::-1][::4][::-1][-hours - 1 :]
    rows += _bars(token, hourly, quarter - behind * 900, 3600, rng)
    Candle.objects.bulk_create(rows, batch_size=2000)
    Token.objects.filter(pk=token.pk).update(
        candle_source="binance", candles_from=rows[-hours].open_time, candles_complete=hours == HOURS
    )


def _bars(
    token: Token, closes: Any, last_close: int, interval: int, rng: np.random.Generator
) -> list[Candle]:
    wick = np.abs(rng.normal(0, 0.4, (2, len(closes)))) * np.std(np.diff(np.log(closes)))
    bars = []
    for place in range(1, len(closes)):
        opened, close = float(closes[place - 1]), float(closes[place])
        at = datetime.fromtimestamp(last_close - (len(closes) - place) * interval, tz=UTC)
        high, low = max(opened, close) * (1 + wick[0][place]), min(opened, close) * (1 - wick[1][place])
        bars.append(
            Candle(
                token=token,
                interval=interval,
                open_time=at,
                open=opened,
                high=float(high),
                low=float(low),
                close=close,
                volume=float(rng.lognormal(9, 0.6)),
                source="simulated",
            )
        )
    return bars


def _quote(token: Token, closes: Any, seen: datetime, seed: int) -> None:
    price, day, week = float(closes[-1]), float(closes[-97]), float(closes[-97 * 7])
    supply = 10 ** (8 - np.log10(price) * 0.9)
    LatestQuote.objects.create(
        token=token,
        observed_at=seen,
        fetched_at=seen,
        source="simulated",
        price_usd=price,
        market_cap=price * supply,
        market_cap_rank=token.rank,
        volume_24h=price * supply * 0.07,
        high_24h=float(max(closes[-97:])),
        low_24h=float(min(closes[-97:])),
        change_24h=price - day,
        change_percentage_1h=(price / float(closes[-5]) - 1) * 100,
        change_percentage_24h=(price / day - 1) * 100,
        change_percentage_7d=(price / week - 1) * 100,
        circulating_supply=supply,
        ath=price * 2.1,
        ath_date=seen - timedelta(days=120),
    )


def _forecasts(token: Token, closes: Any, now: datetime, rng: np.random.Generator) -> None:
    scale = float(np.mean(np.abs(np.diff(np.log(closes[::4])))))
    quarter = datetime.fromtimestamp(int(now.timestamp()) // 900 * 900, tz=UTC)
    hour = quarter.replace(minute=0)
    for name, horizon in HORIZON.items():
        version = _published_version(name)
        hours = horizon.total_seconds() / 3600
        moments = [quarter] if name in {"15m", "1h", "4h"} else [hour]
        moments += [hour - timedelta(hours=back) for back in range(1, 30 if hours <= 24 else 3)]
        for as_of in dict.fromkeys(moments):
            place = len(closes) - 1 - int((quarter - as_of).total_seconds() // 900)
            forecast = _forecast(
                token, version, name, as_of, float(closes[place]), scale * np.sqrt(hours), rng
            )
            ahead = place + int(hours * 4)
            if forecast.matures_at <= now and ahead < len(closes):
                _outcome(forecast, float(closes[ahead]), void=rng.random() < 0.03)


def _published_version(timeframe: str) -> EngineVersion:
    a_version(timeframe)
    if timeframe in {"7d", "14d", "30d"}:
        return a_version(timeframe)
    return a_version(timeframe, "boosting", role=EngineVersion.Role.CHAMPION)


def _forecast(
    token: Token, version: EngineVersion, name: str, as_of: datetime, price: float, spread: float, rng: Any
) -> Forecast:
    base_up, base_down = int(rng.normal(3290, 60)), int(rng.normal(3310, 60))
    up, down = (base_up, base_down)
    if version.engine != "climatology":
        calm = float(np.clip(rng.normal(0, 0.055), -0.13, 0.15))
        lean = float(rng.normal(0, 0.018))
        up, down = (
            int(side - calm * 5000 + sign * lean * 10000) for side, sign in ((base_up, 1), (base_down, -1))
        )
    band = max(0.32 * 1.2533 * spread, 0.0005)
    reach = 1.9 * spread
    return Forecast.objects.create(
        token=token,
        engine_version=version,
        timeframe=name,
        as_of=as_of,
        made_at=as_of + timedelta(seconds=35),
        expires_at=as_of + timedelta(minutes=35) if HORIZON[name].days == 0 else as_of + timedelta(hours=12),
        matures_at=as_of + HORIZON[name],
        published=True,
        counts=as_of.minute == 0,
        definitions=1,
        up=up,
        down=down,
        sideways=10_000 - up - down,
        baseline_up=base_up,
        baseline_down=base_down,
        baseline_sideways=10_000 - base_up - base_down,
        sideways_band=float(band),
        scale=float(spread),
        reference_price=price,
        reference_interval=900,
        source="simulated",
        p10=float(price * np.exp(-reach)),
        p50=float(price * np.exp(rng.normal(0, 0.03) * spread)),
        p90=float(price * np.exp(reach)),
        baseline_p10=float(price * np.exp(-reach * 1.1)),
        baseline_p90=float(price * np.exp(reach * 1.1)),
        support=[price * 0.982, price * 0.961, price * 0.934],
        resistance=[price * 1.017, price * 1.044],
        risk_level="high" if spread > 0.01 else "medium",
    )


def _outcome(forecast: Forecast, price: float, *, void: bool) -> None:
    at = forecast.matures_at + timedelta(seconds=70)
    if void:
        Outcome.objects.create(
            forecast=forecast, resolved_at=at, void=True, void_reason="no candle closed then"
        )
        return
    moved = float(np.log(price / forecast.reference_price))
    came = 2 if abs(moved) <= forecast.sideways_band else 0 if moved > 0 else 1
    said = np.array([forecast.up, forecast.down, forecast.sideways]) / 10_000
    base = np.array([forecast.baseline_up, forecast.baseline_down, forecast.baseline_sideways]) / 10_000
    happened = np.eye(3)[came]
    Outcome.objects.create(
        forecast=forecast,
        resolved_at=at,
        outcome_class=came,
        price=price,
        log_return=moved,
        log_score=-float(np.log(said[came])),
        brier=float(((said - happened) ** 2).sum()),
        baseline_log_score=-float(np.log(base[came])),
        baseline_brier=float(((base - happened) ** 2).sum()),
        inside_range=forecast.p10 <= price <= forecast.p90,
    )


def _runs(now: datetime) -> None:
    young = Token.objects.filter(symbol="NEWX").first()
    quarter = datetime.fromtimestamp(int(now.timestamp()) // 900 * 900, tz=UTC)
    for name in HORIZON:
        at = quarter if name in {"15m", "1h", "4h"} else quarter.replace(minute=0)
        ForecastRun.objects.create(timeframe=name, as_of=at, made_at=at, seconds=0.4, tokens=17, forecasts=16)
        if young:
            an_abstention(young, name, at)


def _trending(tokens: list[Token], now: datetime) -> None:
    chosen = [token for token in tokens if token.symbol in {"WIF", "JUP", "BONK", "POPCAT", "NEWX", "SOL"}]
    for rank, token in enumerate(chosen, start=1):
        TrendingToken.objects.create(
            observed_at=now - timedelta(minutes=22),
            rank=rank,
            coingecko_id=token.coingecko_id,
            symbol=token.symbol,
            name=token.name,
            token=token,
            change_percentage_24h=token.latest.change_percentage_24h,
            source="simulated",
        )
