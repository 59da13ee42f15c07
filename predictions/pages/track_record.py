"""The track record in public: how each engine did against the baseline, and how far it can be trusted."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe

from core.drawing.calibration import Bin, calibration_curve
from core.drawing.skill import Skill, skill_interval, verdict_of
from core.lib.clock import market_now
from core.lib.errors import NotFound
from markets.models import Token
from markets.selectors.tokens import token_for
from predictions import horizons
from predictions.models import EngineVersion
from predictions.selectors.engines import engine_versions, published_version
from predictions.selectors.record_figures import SkillShown
from predictions.selectors.record_sums import Filters
from predictions.selectors.track_record import EngineRecord, last_scored_at, track_record

NAMES = tuple(timeframe.name for timeframe in horizons.TIMEFRAMES)
LEAST_REACH = 0.02
MOST_REACH = 0.10
"""The skill axis follows the record within what can be read: beyond 6 % look for a leak first."""
CSV_PATH = "/api/v1/predictions/track-record.csv"


@dataclass(frozen=True)
class Line:
    """One engine version at one timeframe."""

    record: EngineRecord
    published: bool
    reach: float

    @property
    def label(self) -> str:
        return f"{self.record['model']} {self.record['timeframe']}"

    @property
    def is_baseline(self) -> bool:
        return self.record["role"] == "baseline"

    @property
    def skill_drawn(self) -> SafeString:
        skill = _skill(self.record["skill"])
        if skill is None:
            return SafeString("")
        return _drawn(skill_interval(skill, reach=self.reach, title=f"Skill of {self.label}"))

    @property
    def verdict(self) -> str:
        skill = _skill(self.record["skill"])
        words = {
            "better": "beats the baseline",
            "worse": "worse than the baseline",
            "level": "level with the baseline",
        }
        return words[verdict_of(skill)] if skill else ""

    @property
    def curve(self) -> SafeString:
        bins = [Bin(one["mean_probability"], one["observed"], one["n"]) for one in self.record["calibration"]]
        return _drawn(calibration_curve(bins, title=f"Calibration of {self.label}"))


@dataclass(frozen=True)
class Chapter:
    """One timeframe with its engines: the published one first."""

    timeframe: str
    lines: list[Line]

    @property
    def shown(self) -> Line:
        """Whose calibration is drawn."""
        return next((line for line in self.lines if line.published), self.lines[0])


@dataclass(frozen=True)
class Asked:
    timeframe: str
    engine: str
    token: Token | None

    @property
    def csv(self) -> str:
        symbol, known_as = (self.token.symbol, self.token.coingecko_id) if self.token else ("", "")
        asked = {"timeframe": self.timeframe, "symbol": symbol, "id": known_as, "model": self.engine}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{CSV_PATH}?{query}" if query else CSV_PATH


def track_record_page(request: HttpRequest) -> HttpResponse:
    versions = engine_versions()
    engines = sorted({version.engine for version in versions})
    asked = _asked(request.GET, engines)
    timeframes = [asked.timeframe] if asked.timeframe else list(NAMES)
    records = track_record(
        timeframes, Filters(token_id=asked.token.pk if asked.token else None, engine=asked.engine or None)
    )["models"]
    context = {
        "asked": asked,
        "timeframes": NAMES,
        "engines": engines,
        "tokens": Token.objects.active().by_rank(),
        "chapters": chapters(records, versions),
        "last_scored": last_scored_at(),
        "now": market_now(),
    }
    return render(request, "predictions/track_record.html", context)


def chapters(records: list[EngineRecord], versions: list[EngineVersion]) -> list[Chapter]:
    reach = _reach(records)
    published = {
        (v.engine, v.version, v.timeframe) for name in NAMES if (v := published_version(versions, name))
    }
    lines = [
        Line(one, (one["model"], one["model_version"], one["timeframe"]) in published, reach)
        for one in records
    ]
    by_timeframe = {name: [line for line in lines if line.record["timeframe"] == name] for name in NAMES}
    return [Chapter(name, sorted(mine, key=_order)) for name, mine in by_timeframe.items() if mine]


def _order(line: Line) -> tuple[bool, bool, str]:
    return (not line.published, not line.is_baseline, line.record["model"])


def _reach(records: list[EngineRecord]) -> float:
    ends = [end for one in records if (skill := _skill(one["skill"])) for end in map(abs, skill)]
    return min(max([LEAST_REACH, *(end * 1.1 for end in ends)]), MOST_REACH)


def _skill(shown: SkillShown) -> Skill | None:
    value, low, high = shown["value"], shown["low"], shown["high"]
    return None if value is None or low is None or high is None else Skill(value, low, high)


def _asked(query: QueryDict, engines: list[str]) -> Asked:
    timeframe, engine, symbol = (query.get(name, "").strip() for name in ("timeframe", "engine", "symbol"))
    if timeframe and timeframe not in NAMES:
        raise BadRequest(f"timeframe: choose one of {', '.join(NAMES)}.")
    if engine and engine not in engines:
        raise BadRequest(f"engine: choose one of {', '.join(engines)}.")
    return Asked(timeframe, engine, _token(symbol, query.get("id")) if symbol else None)


def _token(symbol: str, coingecko_id: str | None) -> Token:
    try:
        return token_for(symbol, coingecko_id)
    except NotFound as error:
        raise Http404("No token with this symbol is followed.") from error


def _drawn(svg: str) -> SafeString:
    return mark_safe(svg)  # noqa: S308  # core.drawing escapes every text and attribute
