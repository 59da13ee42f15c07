"""What goes wrong between Khalsi and a user's exchange, each with what it means for the connection.

SourceFailure
└── ExchangeFailure          names the exchange; says whether it is permanent and, where known, when to ask again
    ├── WrongKeys            permanent: refused, revoked or without the right to read; only new keys help
    ├── KeysCanDoMore        permanent: the keys may trade or move money, so Khalsi does not keep them
    ├── Restricted           permanent: the exchange does not serve this place (451)
    ├── ExchangeAway         later will do: not reached, too slow, 5xx, maintenance, clocks that differ
    ├── LimitReached         later will do: the exchange counts calls and has had enough
    └── AnswerUnusable       later may do: whole but senseless (HTML, another shape); nothing of it was believed

The texts are Khalsi's own sentences. What an exchange or a library said is never part of them, since it may repeat a
key, a signature or the address that carries it.
"""

from core.lib.errors import SourceFailure


class ExchangeFailure(SourceFailure):
    def __init__(self, message: str = "", *, exchange: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, retry_after=retry_after)
        self.exchange = exchange


class WrongKeys(ExchangeFailure):
    status, code, permanent = 400, "VALIDATION_ERROR", True


class KeysCanDoMore(ExchangeFailure):
    status, code, permanent = 400, "VALIDATION_ERROR", True


class Restricted(ExchangeFailure):
    permanent = True


class ExchangeAway(ExchangeFailure):
    """Later will do; `retry_after` is in seconds where the exchange named a time."""


class LimitReached(ExchangeFailure):
    def __init__(self, message: str = "", *, exchange: str = "", retry_after: float) -> None:
        super().__init__(message, exchange=exchange, retry_after=retry_after)
        self.seconds = retry_after


class AnswerUnusable(ExchangeFailure):
    """The answer made no sense, so nothing of it may change what is known."""
