"""Who is connected now, in whichever process. Each hub tells it every few seconds, or is forgotten.

Nothing of it is stored for long: sockets come and go too often for rows.
"""

import os
import socket
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import NotRequired, Protocol, TypedDict

from core.lib.clock import from_seconds

REPORT_SECONDS = 5.0
FORGOTTEN_SECONDS = 20.0
MOST_TOLD = 2000
"""So many signed-in sockets a process are told one by one; the others are counted."""
MOST_LISTENERS = 10_000
"""So many users a process are named as listening to what concerns them."""
PROCESS = f"{socket.gethostname()}:{os.getpid()}"


class Socket(TypedDict):
    session_id: str
    since: float
    frames: int


class Report(TypedDict):
    """Of one process; times are seconds of wall time."""

    process: str
    at: float
    sockets: int
    visitors: int
    signed_in: list[Socket]
    listeners: NotRequired[list[str]]
    """Ids of users who listen to what concerns them alone."""


class Guest(Protocol):
    """One connection."""

    @property
    def session_id(self) -> str | None: ...

    @property
    def since(self) -> float: ...

    @property
    def frames(self) -> int: ...


@dataclass(frozen=True)
class Presence:
    """What is open of one session."""

    sockets: int
    since: datetime
    frames: int
    processes: tuple[str, ...]


@dataclass(frozen=True)
class Census:
    reports: tuple[Report, ...]

    @property
    def sockets(self) -> int:
        return sum(report["sockets"] for report in self.reports)

    @property
    def visitors(self) -> int:
        return sum(report["visitors"] for report in self.reports)

    @cached_property
    def listeners(self) -> frozenset[str]:
        """Ids of the users who would hear a personal frame. One who came lately may be missing for some seconds."""
        return frozenset(user_id for report in self.reports for user_id in report.get("listeners", ()))

    @cached_property
    def by_session(self) -> dict[str, Presence]:
        found: dict[str, list[tuple[str, Socket]]] = {}
        for report in self.reports:
            for one in report["signed_in"]:
                found.setdefault(one["session_id"], []).append((report["process"], one))
        return {session_id: _presence(open_ones) for session_id, open_ones in found.items()}


def _presence(open_ones: list[tuple[str, Socket]]) -> Presence:
    return Presence(
        sockets=len(open_ones),
        since=from_seconds(min(one["since"] for _, one in open_ones)),
        frames=sum(one["frames"] for _, one in open_ones),
        processes=tuple(sorted({process for process, _ in open_ones})),
    )


def report_of(guests: Collection[Guest], listeners: Iterable[str], now: datetime) -> Report:
    signed_in = [
        Socket(session_id=guest.session_id, since=guest.since, frames=guest.frames)
        for guest in guests
        if guest.session_id is not None
    ]
    return Report(
        process=PROCESS,
        at=now.timestamp(),
        sockets=len(guests),
        visitors=len(guests) - len(signed_in),
        signed_in=signed_in[:MOST_TOLD],
        listeners=list(islice(listeners, MOST_LISTENERS)),
    )


def census_of(reports: Iterable[Report], now: datetime) -> Census:
    """Those that are not too old, by process."""
    oldest = now.timestamp() - FORGOTTEN_SECONDS
    fresh = (report for report in reports if report["at"] >= oldest and report["sockets"])
    return Census(tuple(sorted(fresh, key=lambda report: report["process"])))
