"""The track record in public: how each engine did against the baseline, and how far it can be trusted."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from core.drawing.skill import verdict_of
from core.lib.clock import market_now
from markets.models import Token
from predictions.models import EngineVersion
from predictions.pages.asked import NAMES, Asked, asked_of
from predictions.pages.record_drawn import curve_drawn, drawn_skill, known_skill, reach_of
from predictions.pages.record_parts import DetailShown
from predictions.selectors.engines import engine_versions, published_version, speaking
from predictions.selectors.record_detail import REGIMES, record_detail
from predictions.selectors.record_kept import Kept
from predictions.selectors.track_record import (
    SCORED_AT_LEAST_EVERY,
    EngineRecord,
    Record,
    track_record,
)
from predictions.services.abstaining import MEANINGS

_VERDICTS = {
    "better": "beats the baseline",
    "worse": "worse than the baseline",
    "level": "level with the baseline",
}


@dataclass(frozen=True)
class Line:
    """One engine, one version of it, or what was published, at one timeframe."""

    record: EngineRecord
    published: bool
    reach: float

    @property
    def name(self) -> str:
        return "What you were shown" if self.is_shown else self.record["model"]

    @property
    def is_shown(self) -> bool:
        """The record of what users saw, whichever engine said it."""
        return self.record["role"] == "published"

    @property
    def is_baseline(self) -> bool:
        return self.record["role"] == "baseline"

    @property
    def skill_drawn(self) -> SafeString:
        title = f"Skill of {self.record['model']} {self.record['timeframe']}"
        return drawn_skill(self.record["skill"], self.reach, title)

    @property
    def verdict(self) -> str:
        skill = known_skill(self.record["skill"])
        return _VERDICTS[verdict_of(skill)] if skill else ""

    @property
    def curve(self) -> SafeString:
        title = f"Calibration of {self.record['model']} {self.record['timeframe']}"
        return curve_drawn(self.record["calibration"], title)


@dataclass(frozen=True)
class Chapter:
    """One timeframe: what was published first, then the engines, and versions where one engine was chosen."""

    timeframe: str
    lines: list[Line]
    versions: list[Line]

    @property
    def shown(self) -> Line:
        """Whose calibration is drawn."""
        return self.lines[0]


@dataclass(frozen=True)
class LeftOut:
    """What does not stand in the scores of one timeframe; no record where nothing but silence is there."""

    timeframe: str
    record: EngineRecord | None
    silent: list[tuple[str, int, int]]


def track_record_page(request: HttpRequest) -> HttpResponse:
    now, versions = market_now(), engine_versions()
    engines = sorted({version.engine for version in versions})
    asked = asked_of(request.GET, engines, now)
    kept = Kept()
    record = track_record([asked.timeframe] if asked.timeframe else list(NAMES), asked.filters, kept)
    found = record_detail(asked.timeframe, asked.filters, kept) if asked.timeframe else None
    context = {
        **choices(asked, engines),
        "chapters": chapters(record, speaking(versions, now), with_versions=bool(asked.engine)),
        "left_out": left_out(record),
        "detail": DetailShown(found, _of_detail(record)) if found else None,
        "last_scored": kept.last_scored,
        "overdue": kept.last_scored is not None and now > kept.last_scored + SCORED_AT_LEAST_EVERY,
        "now": now,
    }
    return render(request, "predictions/track_record.html", context)


def choices(asked: Asked, engines: list[str]) -> dict[str, Any]:
    """What the filters offer."""
    return {
        "asked": asked,
        "engines": engines,
        "regimes": REGIMES,
        "tokens": Token.objects.active().by_rank(),
    }


def chapters(record: Record, versions: list[EngineVersion], *, with_versions: bool = False) -> list[Chapter]:
    reach = reach_of(one["skill"] for one in (*record["engines"], *record["published"]))
    published = {(name, v.engine) for name in NAMES if (v := published_version(versions, name))}

    def lines(records: list[EngineRecord], name: str) -> list[Line]:
        mine = [one for one in records if one["timeframe"] == name]
        return sorted((Line(one, (name, one["model"]) in published, reach) for one in mine), key=_order)

    found = [
        Chapter(
            name,
            lines([*record["published"], *record["engines"]], name),
            lines(record["models"], name) if with_versions else [],
        )
        for name in NAMES
    ]
    return [chapter for chapter in found if chapter.lines]


def _order(line: Line) -> tuple[bool, bool, bool, str]:
    return (not line.is_shown, not line.published, not line.is_baseline, line.record["model"])


def _of_detail(record: Record) -> EngineRecord:
    """The record that the detail takes apart: what was published, or the one engine that was asked for."""
    return (record["published"] or record["engines"])[0]


def left_out(record: Record) -> list[LeftOut]:
    records = {one["timeframe"]: one for one in (record["published"] or record["engines"])}
    found = [LeftOut(name, records.get(name), _silent(record, name)) for name in NAMES]
    return [one for one in found if one.record or one.silent]


def _silent(record: Record, timeframe: str) -> list[tuple[str, int, int]]:
    """Why nobody spoke, how often, and how often at instants that count."""
    mine = [one for one in record["abstentions"] if one["timeframe"] == timeframe]
    return [(MEANINGS[one["code"]], one["n"], one["counting"]) for one in mine]
