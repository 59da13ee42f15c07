"""Promise 10: signing out, a new password, a lowered role and a disabled account count everywhere.

    python -m benchmarks.reliability.sign_out_everywhere [--rounds 5] [--asks 20]

Real servers (distributed: two worker processes and the live feed's). A user is signed in with two apps and a browser,
all known to every process and with live feeds open. Then one thing happens, through the API or the staff site; of the
requests that follow, to whichever process, none may be answered with anything but 401, and the feeds close within 5 s.
"""

import argparse
import http.cookies
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlencode

from benchmarks.reliability.site import API, Line, Site, report, running, scratch
from benchmarks.scratch import Scratch

ME = f"{API}/auth/me"
WITHIN = 5.0


class SignedIn(NamedTuple):
    user: Any
    acting: str
    """The access token of the app that does it, and is out itself except after a new password."""
    other: str
    browser: str


class Found(NamedTuple):
    answered: int
    """Requests that were not refused afterwards."""
    feed_seconds: float


def sign_in(name: str, **fields: Any) -> SignedIn:
    from benchmarks.reliability.people import cookie_of, people, tokens

    (user,) = people([name], **fields)
    return SignedIn(user, tokens(user).access, tokens(user).access, cookie_of(user))


def sign_out_everywhere(site: Site, who: SignedIn) -> float:
    began = time.monotonic()
    _done(site.ask("POST", f"{API}/auth/logout-all", bearer=who.acting).status, 204)
    return began


def end_the_session(site: Site, who: SignedIn) -> float:
    sessions = site.ask("GET", f"{API}/auth/sessions", bearer=who.acting).data()
    began = time.monotonic()
    for one in sessions:
        if not one["current"]:
            reply = site.ask("DELETE", f"{API}/auth/sessions/{one['id']}", bearer=who.acting)
            _done(reply.status, 204)
    return began


def new_password(site: Site, who: SignedIn) -> float:
    from benchmarks.reliability.people import PASSWORD

    body = {"current_password": PASSWORD, "password": "quiet rivers bend twice"}
    began = time.monotonic()
    _done(site.ask("POST", f"{API}/auth/password/change", body, bearer=who.acting).status, 204)
    return began


def lowered_role(site: Site, who: SignedIn) -> float:
    return _change_by_staff(site, who.user, role="user", is_active="on")


def disabled_account(site: Site, who: SignedIn) -> float:
    return _change_by_staff(site, who.user, role=who.user.role)


Deed = Callable[[Site, SignedIn], float]
"""Gives the moment at which the request was sent that does it."""
DEEDS: dict[str, Deed] = {
    "signed out everywhere": sign_out_everywhere,
    "session ended": end_the_session,
    "new password": new_password,
    "role lowered by staff": lowered_role,
    "account disabled by staff": disabled_account,
}


def _change_by_staff(site: Site, user: Any, **fields: str) -> float:
    from django.urls import reverse

    path = reverse("admin:accounts_user_change", args=[user.id])
    page = site.ask("GET", path, Cookie=_staff_cookie())
    token = http.cookies.SimpleCookie(page.headers["set-cookie"])["csrftoken"].value
    form = {"email": user.email, "username": "", "plan": user.plan, "email_verified": "on", **fields}
    began = time.monotonic()
    reply = site.ask(
        "POST",
        path,
        urlencode({**form, "csrfmiddlewaretoken": token}),
        Cookie=f"{_staff_cookie()}; csrftoken={token}",
        Content_Type="application/x-www-form-urlencoded",
    )
    _done(reply.status, 302)
    return began


_COOKIES: list[str] = []


def _staff_cookie() -> str:
    from benchmarks.reliability.people import cookie_of, people
    from core.lib.clock import wall_now

    if not _COOKIES:
        (ada,) = people(["ada"], role="admin", is_superuser=True, second_factor_since=wall_now())
        _COOKIES.append(cookie_of(ada))
    return _COOKIES[0]


def _done(status: int, wanted: int) -> None:
    if status != wanted:
        raise SystemExit(f"The deed itself was answered {status}, not {wanted}.")


def one_round(site: Site, name: str, deed: Deed, asks: int) -> Found:
    who = sign_in(name, role="analyst")
    for _ in range(asks):  # until every process knows them
        for token in (who.acting, who.other):
            _done(site.ask("GET", ME, bearer=token).status, 200)
    _done(_page(site, who), 200)
    feed = site.listen(who.other)
    began = deed(site, who)
    answered = sum(site.ask("GET", ME, bearer=who.other).status != 401 for _ in range(asks))
    answered += _page(site, who) == 200
    return Found(answered, feed.closed_after(began))


def _page(site: Site, who: SignedIn) -> int:
    """What the browser gets of a page that only its user sees."""
    return site.ask("GET", "/account/password", Cookie=who.browser).status


@contextmanager
def _with_pages(made: Scratch) -> Iterator[Site]:
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    with running(made) as site:
        yield site


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--asks", type=int, default=20)
    options = parser.parse_args()
    lines = []
    with scratch() as made, _with_pages(made) as site:
        for what, deed in DEEDS.items():
            name = deed.__name__
            rounds = [
                one_round(site, f"{name}{number}", deed, options.asks) for number in range(options.rounds)
            ]
            answered, slowest = sum(one.answered for one in rounds), max(one.feed_seconds for one in rounds)
            asked = options.rounds * (options.asks + 1)
            lines += [
                Line(f"{what}: of {asked} requests answered", "0", answered, answered == 0),
                Line(f"{what}: live feed closed", f"≤ {WITHIN:g} s", f"{slowest:.2f} s", slowest <= WITHIN),
            ]
    report("sign_out_everywhere", "Out is out", 0, lines)


if __name__ == "__main__":
    main()
