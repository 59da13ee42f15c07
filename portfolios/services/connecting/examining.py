"""What keys may do, as the exchange says. Nothing is kept here, and nothing of what was given comes back."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from django.conf import settings
from django.core.cache import cache

from core.api.limiter import Count
from core.api.throttling import limiter
from core.lib.errors import BadInput, FieldError, TooMany
from portfolios.exchanges.base import Credentials, Profile
from portfolios.exchanges.errors import ExchangeAway, KeysCanDoMore, LimitReached, WrongKeys
from portfolios.exchanges.profiles import PROFILES
from portfolios.exchanges.records import Rights, Verdict
from portfolios.services.pacing import Turns
from portfolios.services.reaching import HURRIED, account_name, digest_of, reach

PATIENCE_SECONDS = 2.0
LONGEST = 8.0
"""Somebody waits for the page, and a process that serves pages waits with him: so not for long, and one alone."""
_LOCK, _LOCK_SECONDS = "exchange-keys-examined", 20
MOST_AN_HOUR = 30
HOUR = 3600
UNSURE = "{title} does not say whether these keys can only read. Connect them only if you made them so, and confirm it."


@dataclass(frozen=True)
class Examined:
    """`reason` says why the keys are refused, or what must be confirmed; empty where all is well. `assets` counts
    what the account holds."""

    exchange: str
    verdict: str
    usable: bool
    must_confirm: bool
    reason: str
    more: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    assets: int | None = None


def profile_of(exchange: str) -> Profile:
    profile = PROFILES.get(exchange)
    if profile is None:
        raise BadInput.at("exchange", f"Choose one of {', '.join(PROFILES)}.")
    return profile


def examine(
    *, owner_id: UUID, exchange: str, credentials: Credentials, with_assets: bool = False
) -> Examined:
    """Asks the exchange. BadInput for what cannot be keys, TooMany for who tries too often, and ExchangeFailure where
    it does not answer in time."""
    profile = profile_of(exchange)
    _refuse_missing(profile, credentials)
    _count(owner_id)
    with _alone(profile):
        return _asked(profile, credentials, with_assets)


def _asked(profile: Profile, credentials: Credentials, with_assets: bool) -> Examined:
    turns = Turns(
        account_name(digest_of(profile.name, credentials)),
        patience=PATIENCE_SECONDS,
        and_before=_within(profile, LONGEST),
    )
    try:
        with reach(profile.name, credentials, turns, timeouts=HURRIED) as account:
            found = _judged(profile, account.rights())
            if found.usable and with_assets:
                found = replace(found, assets=len(account.balances()))
            return found
    except (WrongKeys, KeysCanDoMore) as refused:
        return Examined(profile.name, Verdict.UNKNOWN.value, False, False, refused.message)
    except LimitReached as failure:
        turns.heed(failure)
        raise


def refusal_of(found: Examined, confirmed: bool) -> BadInput | None:
    """Why these keys are not connected."""
    if not found.usable:
        return BadInput.at("key", found.reason)
    if found.must_confirm and not confirmed:
        return BadInput.at("confirm_read_only", found.reason)
    return None


def _judged(profile: Profile, rights: Rights) -> Examined:
    verdict = rights.verdict
    told = (profile.name, verdict.value)
    if verdict is Verdict.CAN_DO_MORE:
        reason = f"These keys can do more than read ({_listed(rights.more)}). {profile.advice}"
        return Examined(*told, False, False, reason, rights.more, rights.lacking)
    if rights.lacking:
        reason = f"These keys may not read all that is needed ({_listed(rights.lacking)}). {profile.advice}"
        return Examined(*told, False, False, reason, rights.more, rights.lacking)
    unsure = verdict is not Verdict.READ_ONLY
    return Examined(*told, True, unsure, UNSURE.format(title=profile.title) if unsure else "", rights.more)


@contextmanager
def _alone(profile: Profile) -> Iterator[None]:
    """One at a time over all processes, so that a slow exchange never keeps more than one of them from serving."""
    if not cache.add(_LOCK, 1, _LOCK_SECONDS):
        raise ExchangeAway(
            "Somebody else's keys are being looked at; try again in a few seconds.",
            exchange=profile.name,
            retry_after=3,
        )
    try:
        yield
    finally:
        cache.delete(_LOCK)


def _within(profile: Profile, seconds: float) -> Callable[[], None]:
    """From the second request on: with its first a process loads the library that signs, which takes its time."""
    asked: list[float] = []

    def check() -> None:
        asked.append(time.monotonic())
        if len(asked) > 2 and asked[-1] - asked[1] > seconds:
            raise ExchangeAway(f"{profile.title} answers too slowly now; try again.", exchange=profile.name)

    return check


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words) or "what exactly, it does not say"


def _refuse_missing(profile: Profile, credentials: Credentials) -> None:
    wanted = {field.name: field.label for field in profile.fields}
    details = [
        FieldError(name, f"{profile.title} needs this: {label}.")
        for name, label in wanted.items()
        if not getattr(credentials, name)
    ]
    if credentials.passphrase and "passphrase" not in wanted:
        details.append(FieldError("passphrase", f"{profile.title} has none; leave it out."))
    if details:
        raise BadInput(f"{profile.title} needs other fields.", details=tuple(details))


def _count(owner_id: UUID) -> None:
    if not settings.RATE_LIMIT_MAX:
        return
    counts = [Count(f"exchange-tests:{owner_id}", MOST_AN_HOUR, HOUR)]
    for verdict in limiter().hit_all(counts, time.monotonic()):
        if not verdict.allowed:
            message = f"So many keys were tried. Try again in {verdict.reset} s."
            raise TooMany(message, retry_after=verdict.reset)
