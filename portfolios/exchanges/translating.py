"""What an exchange or the library says went wrong, as one of Khalsi's errors.

Only the class of the error and known words in it are looked at; its text goes no further, since it may repeat keys,
signatures and addresses.
"""

from core.lib.clock import wall_now
from core.net.reply import Reply
from core.net.retry import retry_after_seconds
from portfolios.exchanges.errors import (
    AnswerUnusable,
    ExchangeAway,
    ExchangeFailure,
    LimitReached,
    Restricted,
    WrongKeys,
)

THROTTLED_SECONDS = 60.0
BANNED_SECONDS = 300.0
"""418 says that 429 was not heeded: the address is shut out for two minutes at least, and longer each time."""
LOCKED_SECONDS = 900.0
"""Kraken's temporary lockout."""

_WRONG_KEYS = (
    "invalid signature",
    "invalid key",
    "invalid api",
    "api key",
    "api-key",
    "apikey",
    "passphrase",
    "unauthorized",
    "two_factor",
    "not authorized",
)
_LIMIT = ("429000", "rate limit", "too many", "rate_limit", "limit exceeded", "resource_exhausted")
_AWAY = (
    "maintenance",
    "unavailable",
    "busy",
    "try again",
    "internal error",
    "internal_server_error",
    "timeout",
    "timed out",
)
_RESTRICTED = ("restricted location", "not available in your", "jurisdiction", "unsupported country")


class Translator:
    def __init__(self, exchange: str, title: str) -> None:
        self._exchange, self._title = exchange, title

    def of_status(self, reply: Reply) -> ExchangeFailure | None:
        """What the status alone says, before anything in the body is believed."""
        if reply.status == 451:
            return self.restricted()
        if reply.status in (418, 429):
            usual = BANNED_SECONDS if reply.status == 418 else THROTTLED_SECONDS
            return self.limit(self._asked_wait(reply) or usual)
        if reply.status >= 500 or reply.status in (408, 425):
            return self.away(f"answered {reply.status}", self._asked_wait(reply))
        return None

    def of_unreadable(self, reply: Reply) -> ExchangeFailure:
        """An answer that is not JSON."""
        if reply.status == 401:
            return self.wrong_keys("refused these keys")
        if reply.status >= 400:
            return self.away(f"answered {reply.status} and no reason; something in between may have refused")
        return self.unusable("answered with something that is not its data")

    def of_raised(self, error: Exception, asked: str) -> ExchangeFailure:
        """`asked` says in words what was wanted."""
        import ccxt

        words = str(error).lower()
        if isinstance(error, ccxt.RestrictedLocation) or _any(_RESTRICTED, words):
            return self.restricted()
        if isinstance(error, ccxt.PermissionDenied):
            return self.wrong_keys(f"does not let these keys read {asked}")
        if isinstance(error, (ccxt.AuthenticationError, ccxt.ArgumentsRequired)):
            return self.wrong_keys("refused these keys: they are wrong, revoked, or bound to other addresses")
        if isinstance(error, (ccxt.DDoSProtection, ccxt.RateLimitExceeded)):
            return self.limit(LOCKED_SECONDS if "lockout" in words else THROTTLED_SECONDS)
        if isinstance(error, ccxt.InvalidNonce):
            return self.away(
                "refused the time or the number of this request; another program may use the same keys"
            )
        if isinstance(error, ccxt.NetworkError):
            return self.away("is not available at the moment")
        return self._of_words(words)

    def _of_words(self, words: str) -> ExchangeFailure:
        """Errors of no telling class, which must not mark a connection as broken on their own."""
        if _any(_WRONG_KEYS, words):
            return self.wrong_keys("refused these keys: they are wrong, revoked, or bound to other addresses")
        if _any(_LIMIT, words):
            return self.limit(THROTTLED_SECONDS)
        if _any(_AWAY, words):
            return self.away("is not available at the moment")
        return self.unusable("refused what was asked, for no reason that Khalsi knows")

    def restricted(self) -> Restricted:
        return Restricted(f"{self._title} does not serve the place this runs in.", exchange=self._exchange)

    def limit(self, wait: float) -> LimitReached:
        return LimitReached(
            f"{self._title} counts calls and takes no more for now; next try in {wait:.0f} s.",
            exchange=self._exchange,
            retry_after=wait,
        )

    def away(self, told: str, wait: float | None = None) -> ExchangeAway:
        return ExchangeAway(f"{self._title} {told}.", exchange=self._exchange, retry_after=wait)

    def wrong_keys(self, told: str) -> WrongKeys:
        return WrongKeys(f"{self._title} {told}.", exchange=self._exchange)

    def unusable(self, told: str) -> AnswerUnusable:
        return AnswerUnusable(f"{self._title} {told}; nothing was changed.", exchange=self._exchange)

    def _asked_wait(self, reply: Reply) -> float | None:
        asked = retry_after_seconds(reply.headers.get("retry-after"), wall_now())
        if asked is not None:
            return asked
        milliseconds = reply.headers.get("gw-ratelimit-reset", "")  # KuCoin's
        return int(milliseconds) / 1000 if milliseconds.isascii() and milliseconds.isdigit() else None


def _any(known: tuple[str, ...], words: str) -> bool:
    return any(word in words for word in known)
