"""Who takes part in the simulated market: the character of each token.

Levels and caps of well-known tokens are in their true order of magnitude, so that pages look familiar; they
are not claims about them. Everything else is drawn from the token's id, so that a token's character does not
depend on which others take part.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from markets.sandbox.registry import Listing

DAY = 86_400

# Price level in USD and market cap in millions of USD, around which the simulated token wanders.
LEVELS = {
    "bitcoin": (68_000, 1_350_000), "ethereum": (2_900, 350_000), "solana": (150, 72_000),
    "bonk": (2.2e-5, 1_700), "dogwifcoin": (1.1, 1_100), "samoyedcoin": (0.004, 12), "raydium": (3, 850),
    "jupiter-exchange-solana": (0.6, 1_800), "pyth-network": (0.25, 950),
    "jito-governance-token": (2.4, 800), "orca": (2.6, 140), "helium": (4, 720),
    "render-token": (4.5, 2_300), "official-trump": (11, 2_200), "pudgy-penguins": (0.014, 880),
    "fartcoin": (0.8, 800), "peanut-the-squirrel": (0.25, 250), "pump-fun": (0.005, 1_700),
    "popcat": (0.4, 390), "cat-in-a-dogs-world": (0.003, 270), "book-of-meme": (0.003, 200),
    "goatseus-maximus": (0.12, 120), "kin": (2.5e-8, 9), "wormhole": (0.12, 500), "tether": (1, 140_000),
    "usd-coin": (1, 60_000), "paypal-usd": (1, 900), "jito-staked-sol": (150, 2_600), "msol": (150, 900),
    "binance-staked-sol": (150, 1_500), "jupiter-staked-sol": (150, 700), "wen-4": (4e-5, 28),
    "star-atlas": (9e-4, 16), "stepn": (0.06, 170), "moo-deng": (0.12, 120), "chill-guy": (0.05, 50),
    "ponke": (0.1, 55), "gigachad-2": (0.015, 140), "slerf": (0.07, 35), "myro": (0.02, 20),
    "melania-meme": (0.2, 130), "mother-iggy": (0.01, 10), "useless-3": (0.2, 200),
    "ben-pasternak": (0.1, 100), "act-i-the-ai-prophecy": (0.035, 33), "ai16z": (0.1, 110),
    "ai-rig-complex": (0.02, 20), "griffain": (0.02, 20), "zerebro": (0.015, 15), "swarms": (0.015, 15),
    "tensor": (0.1, 45), "kamino": (0.06, 180), "drift-protocol": (0.5, 170), "marinade": (0.1, 55),
    "sanctum-2": (0.12, 30), "solayer": (0.6, 190), "magic-eden": (0.6, 110), "metaplex": (0.15, 130),
    "debridge": (0.02, 45), "bonfida": (0.07, 6), "step-finance": (0.04, 12), "mango-markets": (0.015, 16),
    "serum": (0.01, 4), "solend": (0.3, 18), "zeta": (0.02, 6), "zeus-network": (0.2, 80),
    "parcl": (0.05, 15), "grass": (0.9, 280), "io": (0.5, 130), "nosana": (0.5, 45),
    "hivemapper": (0.015, 60), "helium-mobile": (3e-4, 30), "genesysgo-shadow": (0.1, 20),
    "star-atlas-dao": (0.1, 35), "aurory": (0.08, 6),
}  # fmt: skip
STAKED_SOL_RATE = {
    "jito-staked-sol": 1.21, "msol": 1.29, "binance-staked-sol": 1.06, "jupiter-staked-sol": 1.12,
}  # fmt: skip

# Days before the epoch at which trading ended, and at which it began (negative: after the epoch).
DIED = {"serum": 210, "solend": 95, "mango-markets": 31, "bonfida": 12}
BORN = {"pump-fun": 75, "useless-3": 20, "ben-pasternak": 3, "chill-guy": -2}
NOT_AT_THE_EXCHANGE = {"orca", "magic-eden"}  # listed at the real one; here they show the fall-back to points

# category: load on the common factor and on its sector, own yearly volatility, tails, turnover a year / cap
_CATEGORIES = {
    "context": (1.0, 0.0, 0.15, 5.0, 14.0),
    "infrastructure": (1.25, 0.3, 0.45, 4.5, 25.0),
    "defi": (1.3, 0.4, 0.55, 4.2, 30.0),
    "meme": (1.5, 0.8, 0.85, 3.6, 60.0),
    "staking": (1.3, 0.4, 0.55, 4.2, 25.0),
    "gaming": (1.35, 0.5, 0.65, 4.0, 30.0),
    "depin": (1.3, 0.4, 0.6, 4.2, 30.0),
    "ai": (1.45, 0.7, 0.8, 3.8, 50.0),
    "stablecoin": (0.0, 0.0, 0.012, 4.0, 90.0),
}
_INVENTED = ("meme", "defi", "ai", "depin", "gaming", "infrastructure")


@dataclass(frozen=True)
class Character:
    """The parameters of one token, as `simulation.py` explains them. Volatilities are yearly, times Unix
    seconds.
    """

    listing: Listing
    level: float
    supply: float
    max_supply: float | None
    beta: float
    solana_load: float
    sector_load: float
    own_volatility: float
    tails: float
    turnover_a_day: float
    born_at: int | None = None
    died_at: int | None = None
    staked_rate: float | None = None
    pair: str = ""

    @property
    def key(self) -> str:
        return self.listing.coingecko_id

    @property
    def is_pegged(self) -> bool:
        return self.listing.category == "stablecoin"

    def is_dead(self, moment: float) -> bool:
        return self.died_at is not None and self.died_at <= moment


def stable_number(*parts: object) -> int:
    """A 64-bit number that depends on the parts alone, in every process and version."""
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).digest()
    return int.from_bytes(digest[:8], "big")


def cast(listings: Sequence[Listing], count: int | None, epoch: int) -> list[Character]:
    """The first `count` tokens of the registry; beyond it invented ones, called sim-001 and so on."""
    invented = [_invent(number) for number in range(1, max(0, (count or 0) - len(listings)) + 1)]
    return [_character(listing, epoch) for listing in [*listings, *invented][: count or None]]


def _invent(number: int) -> Listing:
    symbol = f"SIM{number:03}"
    category = _INVENTED[number % len(_INVENTED)]
    pair = "" if number % 5 == 0 else f"{symbol}USDT"
    return Listing(f"sim-{number:03}", symbol, f"Simulated {number}", "", category, pair, solana=True)


def _character(listing: Listing, epoch: int) -> Character:
    draw = np.random.default_rng(stable_number("character", listing.coingecko_id))
    beta, sector_load, own, tails, turnover = _CATEGORIES[listing.category]
    level, cap = LEVELS.get(listing.coingecko_id) or _drawn_level(draw)
    spread = 0.0 if listing.category in {"context", "stablecoin"} else 0.2
    supply = cap * 1e6 / level
    born, died = _life(listing.coingecko_id, epoch)
    return Character(
        listing=listing,
        level=level,
        supply=supply,
        max_supply=supply * float(draw.uniform(1.2, 3)) if draw.random() < 0.6 else None,
        beta=beta * float(np.exp(draw.normal(0, spread))),
        solana_load=1.0 if listing.solana and listing.category != "stablecoin" else 0.0,
        sector_load=sector_load,
        own_volatility=own * float(np.exp(draw.normal(0, spread))),
        tails=tails,
        turnover_a_day=turnover / 365 * float(np.exp(draw.normal(0, 0.5))),
        born_at=born,
        died_at=died,
        staked_rate=STAKED_SOL_RATE.get(listing.coingecko_id),
        pair=_pair(listing, level),
    )


def _drawn_level(draw: np.random.Generator) -> tuple[float, float]:
    """Levels from a cent-thousandth to tens of dollars, caps from 5 to 800 millions."""
    return float(10 ** draw.uniform(-4.5, 1.2)), float(10 ** draw.uniform(0.7, 2.9))


def _life(key: str, epoch: int) -> tuple[int | None, int | None]:
    """When trading began and ended; None for longer ago than the grid, and for not yet."""
    number = int(key.removeprefix("sim-")) if key.startswith("sim-") else 0
    born = BORN.get(key, number % 60 + 1 if number % 25 == 0 and number else None)
    died = DIED.get(key, number % 90 + 5 if number % 40 == 0 and number else None)
    return (
        None if born is None else epoch - born * DAY,
        None if died is None else epoch - died * DAY + 7 * 3600,
    )


def _pair(listing: Listing, level: float) -> str:
    """Most tokens are at the exchange: not the very cheap, those left out on purpose, and a few by lot."""
    if listing.coingecko_id in NOT_AT_THE_EXCHANGE or level < 1e-5:
        return ""
    if listing.binance_symbol or listing.coingecko_id.startswith("sim-"):
        return listing.binance_symbol
    if listing.category == "stablecoin" or listing.coingecko_id in STAKED_SOL_RATE:
        return ""
    return f"{listing.symbol}USDT" if stable_number("pair", listing.coingecko_id) % 5 else ""
