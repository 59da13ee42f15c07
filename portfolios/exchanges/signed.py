"""One user's keys at one exchange: ccxt signs, `Transport` sends, and what comes back is exact JSON or an error.

The ccxt object stays inside and only signs what `endpoints` names; ccxt is imported at first use, since that takes
seconds.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from core.lib import strict_json
from core.lib.errors import ReplyRefused
from core.net.reply import Reply
from portfolios.exchanges.base import BeforeCall, Call, Credentials, Profile
from portfolios.exchanges.coinbase_tokens import request_token
from portfolios.exchanges.endpoints import Endpoint
from portfolios.exchanges.errors import ExchangeFailure, WrongKeys
from portfolios.exchanges.translating import Translator
from portfolios.exchanges.transport import NotAReadingCall, Transport

Parameters = Mapping[str, str | int]
Remedy = Callable[[], bool]
_DEEPEST = 16
MOST_DIFFERENCE = 30.0
"""Seconds between the clocks from which a refusal of keys is not believed."""


class SignedCalls:
    """Ask by an endpoint's name. Not for several threads at once: some exchanges want rising numbers."""

    def __init__(
        self,
        profile: Profile,
        endpoints: Sequence[Endpoint],
        credentials: Credentials | None,
        transport: Transport,
        before_call: BeforeCall | None,
    ) -> None:
        self._profile = profile
        self._endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        self._credentials = credentials
        self._transport = transport
        self._before_call = before_call
        self._translator = Translator(profile.name, profile.title)
        self._signer: Any = None
        self._asked: Endpoint | None = None
        self._was_sent = False
        self._clocks_differ = 0.0

    def __repr__(self) -> str:
        return f"SignedCalls({self._profile.name})"

    @property
    def where(self) -> str:
        """The exchange and the address it is asked at."""
        return f"{self._profile.name} {self._transport.base_url}"

    def forget(self) -> None:
        """Let go of the keys; nothing can be asked afterwards."""
        self._credentials, self._signer, self._endpoints = None, None, {}

    def ask(self, name: str, parameters: Parameters | None = None) -> Any:
        """The answer's JSON, numbers as Decimal. Raises ExchangeFailure, or what `before_call` raises."""
        endpoint = self._endpoints[name]
        answer, failure, remedy = self._attempt(endpoint, parameters or {})
        if failure is not None and remedy is not None and remedy():
            answer, failure, _ = self._attempt(endpoint, parameters or {})
        if failure is not None:
            # Outside of any handler and with a traceback of its own: the library's frames hold signed addresses.
            raise self._told(failure).with_traceback(None) from None
        return answer

    def _attempt(
        self, endpoint: Endpoint, parameters: Parameters
    ) -> tuple[Any, ExchangeFailure | None, Remedy | None]:
        """The answer, or what went wrong and what might help at once. The library's own error ends here."""
        if self._before_call is not None:
            self._before_call(Call(self._profile.name, endpoint.name, endpoint.costs))
        self._asked, self._was_sent = endpoint, False
        try:
            return getattr(self._ready(), endpoint.signer)(dict(parameters)), None, None
        except NotAReadingCall:
            raise
        except Exception as error:
            return None, self._failure(endpoint, error), self._remedy(error)

    def _remedy(self, error: Exception) -> Remedy | None:
        """Another error may hide behind this one."""
        import ccxt

        if isinstance(error, ccxt.InvalidNonce) and "time" in self._endpoints:
            return self._set_clock
        if isinstance(error, ccxt.DDoSProtection) and "-2015" in str(error):
            return self._sign_afresh
        return None

    def _sign_afresh(self) -> bool:
        """The library takes refused keys for a passing ban once they have worked; a fresh object knows better."""
        self._signer = None
        return True

    def _set_clock(self) -> bool:
        """Let the exchange's time be the one that is signed."""
        told, failure, _ = self._attempt(self._endpoints["time"], {})
        moment = (told.get("serverTime") or told.get("data")) if isinstance(told, dict) else None
        if failure is not None or not isinstance(moment, Decimal):
            return False
        signer = self._ready()
        signer.options["timeDifference"] = signer.milliseconds() - int(moment)
        return True

    def _failure(self, endpoint: Endpoint, error: Exception) -> ExchangeFailure:
        if isinstance(error, ExchangeFailure):
            error.__context__ = None
            return error
        if not self._was_sent:
            return WrongKeys(
                f"{self._profile.title}'s keys cannot be used as they were given; was all of each copied?",
                exchange=self._profile.name,
            )
        import ccxt

        if isinstance(error, ccxt.BaseError):
            return self._translator.of_raised(error, endpoint.name)
        return self._translator.unusable("answered in a shape that Khalsi does not know")

    def _told(self, failure: ExchangeFailure) -> ExchangeFailure:
        """Good keys are refused too where the clocks differ: that must not cost anybody a connection."""
        if isinstance(failure, WrongKeys) and self._clocks_differ > MOST_DIFFERENCE:
            return self._translator.away(
                f"refused the request: its clock and this machine's differ by {self._clocks_differ:.0f} s"
            )
        return failure

    def _ready(self) -> Any:
        if self._signer is None:
            self._signer = self._new_signer()
        return self._signer

    def _new_signer(self) -> Any:
        import ccxt

        keys = self._credentials
        signer = getattr(ccxt, self._profile.name)(
            {
                "apiKey": keys.key if keys else "",
                "secret": keys.secret if keys else "",
                "password": keys.passphrase if keys else "",
                "enableRateLimit": False,
                "enableLastHttpResponse": False,
                "enableLastJsonResponse": False,
                "enableLastResponseHeaders": False,
                "session": _NoSession(),
            }
        )
        signer.options["partner"] = {}  # the library's own mark, which would be sent along
        signer.fetch = self._fetch
        if self._profile.name == "kraken":
            signer.nonce = _Rising(signer.nonce)
        if keys and self._profile.name == "coinbase" and keys.secret.startswith("-----BEGIN"):
            signer.create_auth_token = _quick_token(keys)
        return signer

    def _fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        """In the place of the library's own sending."""
        endpoint = self._asked
        if endpoint is None or self._was_sent:
            raise NotAReadingCall(f"{self._profile.name}: nothing was asked for.")
        self._was_sent = True
        reply = self._transport.send(endpoint, method, url, headers or {}, body or "")
        self._clocks_differ = _difference(reply)
        failure = self._translator.of_status(reply)
        if failure is not None:
            raise failure
        return self._believed(reply, endpoint)

    def _believed(self, reply: Reply, endpoint: Endpoint) -> Any:
        try:
            answer = strict_json.loads(
                reply.body,
                max_bytes=endpoint.most_bytes,
                max_depth=_DEEPEST,
                exact=True,
                bad_text="replace",
            )
        except ReplyRefused:
            raise self._translator.of_unreadable(reply) from None
        if not isinstance(answer, (dict, list)):
            raise self._translator.of_unreadable(reply)
        text = reply.body.decode(errors="replace")
        self._signer.handle_errors(reply.status, "", "", "", {}, text, answer, {}, None)
        if reply.status >= 400:
            self._signer.handle_http_status_code(reply.status, "", "", "", "")
            raise self._translator.unusable(f"answered {reply.status}")
        return answer


def _quick_token(keys: Credentials) -> Callable[..., str]:
    def token(seconds: int, method: str = "", url: str = "", useEddsa: bool = False) -> str:
        return request_token(keys.key, keys.secret, method, url, seconds)

    return token


class _Rising:
    """The library's number is the time in milliseconds, which two quick calls share; Kraken refuses the second."""

    def __init__(self, number: Callable[[], int]) -> None:
        self._number, self._last = number, 0

    def __call__(self) -> int:
        self._last = max(self._last + 1, self._number())
        return self._last


class _NoSession:
    """In the place of the library's own session: nothing leaves but through `Transport`."""

    headers: Mapping[str, str] = {}

    def close(self) -> None:
        return


def _difference(reply: Reply) -> float:
    """Seconds between the exchange's clock and ours; 0 where it does not tell."""
    try:
        told = parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return 0.0
    return abs((told - reply.fetched_at).total_seconds()) if told.tzinfo else 0.0


def cursor_of(place: Mapping[str, str | int]) -> str:
    return json.dumps(place, separators=(",", ":"), sort_keys=True)


def place_of(cursor: str) -> dict[str, Any]:
    return dict(json.loads(cursor)) if cursor else {}
