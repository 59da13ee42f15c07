"""Which market this process shows, and where its prices come from.

The choice of the first start is remembered in `DATA/market.json`; `SOURCE` or `REPLAY` say otherwise. Each market has a
database file of its own, and its database carries a stamp (`core.models.SourceStamp`) that refuses another market.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from khalsi.settings import env

MOST_SPEED = 3600
LIVE, SIMULATED, REPLAY = "live", "simulated", "replay"
MARKET_MEMORY = env.DATA / "market.json"
SANDBOX_PORT = env.PORT + 1
SANDBOX_URL = env.text("SANDBOX_URL", f"http://127.0.0.1:{SANDBOX_PORT}")
_COINGECKO_HOSTS = {
    "keyless": "https://api.coingecko.com/api/v3",
    "demo": "https://api.coingecko.com/api/v3",
    "pro": "https://pro-api.coingecko.com/api/v3",
}


@dataclass(frozen=True)
class MarketSetting:
    """The market that is shown: its kind, how it is called, and the addresses of its providers."""

    kind: str
    identity: str
    remembered: bool
    coingecko_url: str
    coingecko_plan: str
    coingecko_key: str
    binance_url: str
    stream_url: str
    """Where Binance's streams are; empty where none is listened to."""
    replay: Path | None = None
    replay_start: datetime | None = None
    speed: float = 1.0

    @property
    def is_live(self) -> bool:
        return self.kind == LIVE

    def stamp(self, provider: str) -> str:
        """The `source` that a number from `provider` carries: the provider's name only where the market is real."""
        return provider if self.is_live else self.kind

    def __repr__(self) -> str:
        return f"MarketSetting({self.kind}, {self.identity})"


def _remembered() -> dict[str, str]:
    try:
        return {name: str(value) for name, value in json.loads(MARKET_MEMORY.read_text()).items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _remembered_speed(memory: dict[str, str]) -> float:
    try:
        return float(memory.get("speed", 1))
    except ValueError:
        return 1.0


def _replay_identity(folder: Path) -> str:
    """A folder is known by the names and sizes of its files: other candles are another market."""
    if not folder.is_dir():
        raise ImproperlyConfigured(f"REPLAY: {folder} is not a folder; name one that holds candle files.")
    files = sorted(path for path in folder.iterdir() if path.name.endswith((".csv", ".csv.gz")))
    if not files:
        raise ImproperlyConfigured(f"REPLAY: {folder} holds no candle files (SYMBOL-1h.csv or .csv.gz).")
    listing = "\n".join(f"{path.name} {path.stat().st_size}" for path in files)
    return hashlib.sha256(listing.encode()).hexdigest()[:10]


def _start() -> datetime | None:
    value = env.text("REPLAY_START")
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise ImproperlyConfigured(
            "REPLAY_START: write a date such as 2025-03-15 or 2025-03-15T12:00Z."
        ) from error
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _market() -> MarketSetting:
    memory = _remembered()
    wanted, folder = env.text("SOURCE"), env.text("REPLAY")
    if wanted not in {"", "coingecko", "sandbox"}:
        raise ImproperlyConfigured("SOURCE: write coingecko or sandbox.")
    if wanted and folder:
        raise ImproperlyConfigured("SOURCE and REPLAY: give one of them; a replay is its own source.")
    if not wanted and not folder:
        wanted, folder = memory.get("source", ""), memory.get("replay", "")
    if folder:
        path = Path(folder).expanduser().resolve()
        speed = env.number("SPEED", _remembered_speed(memory), 0.1, MOST_SPEED)
        return _sandboxed(REPLAY, _replay_identity(path), path, speed)
    if wanted == "sandbox":
        return _sandboxed(SIMULATED, "seed-1", None, 1.0)
    plan = env.text("COINGECKO_PLAN", "keyless")
    if plan not in _COINGECKO_HOSTS:
        raise ImproperlyConfigured("COINGECKO_PLAN: write keyless, demo or pro.")
    return MarketSetting(
        kind=LIVE,
        identity="live",
        remembered=bool(wanted),
        coingecko_url=env.text("COINGECKO_API_URL", _COINGECKO_HOSTS[plan]),
        coingecko_plan=plan,
        coingecko_key=env.text("COINGECKO_API_KEY"),
        binance_url=env.text("BINANCE_API_URL", "https://data-api.binance.vision"),
        stream_url=_stream_url("wss://data-stream.binance.vision"),
    )


def _stream_url(usual: str, may_be_named: bool = True) -> str:
    """`off` listens to none; a sandbox streams from its own address whatever is named."""
    named = env.text("BINANCE_STREAM_URL")
    if named == "off":
        return ""
    if named and not named.startswith(("ws://", "wss://")):
        raise ImproperlyConfigured("BINANCE_STREAM_URL: write wss://host, or off to do without a stream.")
    return (named if may_be_named and named else usual).rstrip("/")


def _sandboxed(kind: str, identity: str, folder: Path | None, speed: float) -> MarketSetting:
    return MarketSetting(
        kind=kind,
        identity=identity,
        remembered=True,
        coingecko_url=f"{SANDBOX_URL}/coingecko/api/v3",
        coingecko_plan="sandbox",
        coingecko_key="",
        binance_url=f"{SANDBOX_URL}/binance",
        stream_url=_stream_url(f"ws{SANDBOX_URL.removeprefix('http')}", may_be_named=False),
        replay=folder,
        replay_start=_start() if kind == REPLAY else None,
        speed=speed,
    )


MARKET = _market()
