"""Accounts at exchanges on loopback, and a visit to the site that takes their keys through every door."""

import multiprocessing
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection as Pipe
from typing import Any

from benchmarks.ending import ends_with_parent
from tests.fakes.exchanges import NAMES, a_fake, wrong

Keys = dict[str, str]


def _play(pipe: Pipe, count: int) -> None:
    """For each exchange accounts that read, that can do more, and that are revoked after a few calls."""
    ends_with_parent()
    with ExitStack() as ends:
        fakes = {name: ends.enter_context(a_fake(name)) for name in NAMES}
        told: dict[str, list[Keys]] = {}
        for name, fake in fakes.items():
            special: list[dict[str, Any]] = [{}, {"may": {"read", "trade"}}, {"revoked_after": 6}]
            accounts = [fake.opens_account(**more) for more in special]
            accounts += [fake.opens_account() for _ in range(count // len(NAMES))]
            for account in accounts:
                account.holds("SOL", "1")
            told[name] = [
                {"key": one.key, "secret": one.secret, "passphrase": one.passphrase} for one in accounts
            ]
        pipe.send(({name: fake.url for name, fake in fakes.items()}, told))
        faults = {
            "html": wrong.html(),
            "down": wrong.down(500),
            "shape": wrong.other_shape(),
            "cut": wrong.truncated(),
        }
        while (said := pipe.recv()) is not None:
            for fake in fakes.values():
                fake.misbehaves(faults[said])
            pipe.send(said)


@contextmanager
def exchanges(count: int) -> Iterator[tuple[Pipe, dict[str, str], dict[str, list[Keys]]]]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_play, args=(there, count), daemon=True)
    process.start()
    try:
        yield here, *here.recv()
    finally:
        here.send(None)
        process.join(10)


class Visit:
    """A user, staff and a worker do everything that touches keys. What was answered is kept."""

    def __init__(self, pipe: Pipe, keys: dict[str, list[Keys]]) -> None:
        from django.test import Client

        from benchmarks.reliability.people import people, tokens
        from core.lib.clock import wall_now

        self.pipe, self.keys, self.replies = pipe, keys, list[str]()
        self.statuses: dict[int, int] = {}
        self.client, self.browser = (
            Client(raise_request_exception=False),
            Client(raise_request_exception=False),
        )
        (self.alice,) = people(["alice"], plan="pro")
        (self.ada,) = people(["ada"], role="admin", is_superuser=True, second_factor_since=wall_now())
        self.headers = {"Authorization": f"Bearer {tokens(self.alice).access}"}

    def everything(self) -> None:
        from portfolios.models import Connection

        for name, (good, trading, revoked, *_) in self.keys.items():
            for path in ("test", "connect"):
                self._post(path, {"exchange": name, **sent(trading)})
                self._post(path, {"exchange": name, **sent(good), "portfolio_id": 7, "name": "\n"})
                self._post(path, {"exchange": name, **sent(good), "secret": good["secret"][::-1]})
                self._post(path, {"exchange": "mtgox", **sent(good)})
                self._post(path, {"exchange": name, "key": [good["key"]], "secret": {"a": good["secret"]}})
            self._post("connect", {"exchange": name, **sent(good)}, key=f"once-{name}")
            self._post("connect", {"exchange": name, **sent(good)}, key=f"once-{name}")
            self._post("connect", {"exchange": name, **sent(revoked)})
            self._page_form(name, good)
        for fault in ("", "html", "down", "shape", "cut", ""):
            if fault:
                self.pipe.send(fault)
                self.pipe.recv()
            Connection.objects.update(due_at=self.alice.created_at, lease=None, leased_until=None)
            self._read()
        self._broken()
        self._look()

    def _post(self, path: str, body: dict[str, Any], key: str = "") -> None:
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        url = f"/api/v1/exchanges/{path}"
        self._keep(self.client.post(url, body, content_type="application/json", headers=headers))

    def _page_form(self, name: str, good: Keys) -> None:
        self.browser.force_login(self.alice)
        for do in ("test", "connect"):
            said = {**sent(good), "name": "x", "do": do}
            self._keep(self.browser.post(f"/exchanges/new/{name}", said, follow=True))

    def _read(self) -> None:
        from portfolios.services.syncing import sync_due

        sync_due()

    def _broken(self) -> None:
        """What nobody reckoned with, in the middle of a request and of a reading: all of it is logged."""
        from unittest import mock

        from portfolios.models import Connection
        from portfolios.tasks import sync_due

        name, (good, *_) = next(iter(self.keys.items()))
        with mock.patch(
            "portfolios.services.connecting.examining._judged", side_effect=RuntimeError("broken")
        ):
            self._post("test", {"exchange": name, **sent(good)})
            self._page_form(name, good)
        Connection.objects.update(due_at=self.alice.created_at, lease=None, leased_until=None, state="active")
        with mock.patch(
            "portfolios.services.syncing.working._look_at_rights", side_effect=RuntimeError("broken")
        ):
            sync_due.apply()

    def _look(self) -> None:
        from portfolios.models import Connection

        self._keep(self.client.get("/api/v1/exchanges/connections", headers=self.headers))
        self._keep(self.client.get("/api/v1/user/export", headers=self.headers))
        self.browser.force_login(self.alice)
        paths = ["/exchanges", *(f"/exchanges/{one.pk}" for one in Connection.objects.all())]
        for path in [*paths, *(f"{path}/keys" for path in paths[1:])]:
            self._keep(self.browser.get(path))
        self.browser.force_login(self.ada)
        for model in (
            "portfolios/connection",
            "portfolios/syncrun",
            "core/deadletter",
            "core/jobrun",
            "accounts/auditentry",
        ):
            self._keep(self.browser.get(f"/admin/{model}/", follow=True))
        for one in Connection.objects.all():
            self._keep(self.browser.get(f"/admin/portfolios/connection/{one.pk}/change/", follow=True))

    def _keep(self, reply: Any) -> None:
        self.statuses[reply.status_code] = self.statuses.get(reply.status_code, 0) + 1
        body = b"".join(reply.streaming_content) if reply.streaming else reply.content
        self.replies.append(f"{dict(reply.items())} {body.decode(errors='replace')}")


def sent(keys: Keys) -> Keys:
    return {name: value for name, value in keys.items() if value}
