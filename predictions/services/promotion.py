"""Who is champion: an engine earns the place by its live scores on outcomes that it had not seen, not by its
author.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from core.lib.errors import Conflict
from predictions.evaluation.skill import FEWEST_BLOCKS, Skill, blocks_of, skill
from predictions.horizons import by_name
from predictions.models import EngineVersion, Outcome
from predictions.selectors.record_sums import Filters, scored_sums

Role = EngineVersion.Role
Scores = dict[tuple[int, datetime], float]
"""(token, as_of) to the log score."""


@dataclass(frozen=True)
class Verdict:
    """Whether a challenger may take the place, and the sentence that says why."""

    earned: bool
    reason: str


def judge(challenger: EngineVersion) -> Verdict:
    """Positive skill, its whole interval above zero, over at least thirty blocks of time: against the baseline
    always, and against the present champion on the forecasts that both made.
    """
    against_baseline = _against_baseline(challenger)
    champion = EngineVersion.objects.filter(timeframe=challenger.timeframe, role=Role.CHAMPION).first()
    if not against_baseline.earned or champion is None:
        return against_baseline
    return _against(challenger, champion)


def promote_if_earned(challenger: EngineVersion) -> Verdict:
    verdict = judge(challenger)
    if verdict.earned:
        promote(challenger, verdict.reason)
    return verdict


def promote_those_who_earned() -> list[EngineVersion]:
    challengers = EngineVersion.objects.filter(role=Role.CHALLENGER).order_by("pk")
    return [version for version in challengers if promote_if_earned(version).earned]


@transaction.atomic
def promote(version: EngineVersion, reason: str) -> EngineVersion:
    """Make it the champion of its timeframe; the present one goes on as a challenger. The reason is kept with
    it.
    """
    fresh = EngineVersion.objects.select_for_update().get(pk=version.pk)
    if fresh.role == Role.BASELINE:
        raise Conflict("Climatology is the baseline; it is published wherever there is no champion.")
    if not reason.strip():
        raise Conflict("Say why this engine is promoted; the reason is kept with it.")
    EngineVersion.objects.filter(timeframe=fresh.timeframe, role=Role.CHAMPION).exclude(pk=fresh.pk).update(
        role=Role.CHALLENGER
    )
    fresh.role = Role.CHAMPION
    fresh.scores = {**fresh.scores, "promoted_because": reason.strip()}
    fresh.save(update_fields=["role", "scores"])
    return fresh


def step_down(version: EngineVersion) -> bool:
    """The champion becomes a challenger again, and climatology is published in its timeframe."""
    return EngineVersion.objects.filter(pk=version.pk, role=Role.CHAMPION).update(role=Role.CHALLENGER) == 1


def _against_baseline(challenger: EngineVersion) -> Verdict:
    """From sums that the database makes: most challengers are judged by these alone."""
    seconds = by_name[challenger.timeframe].block_seconds
    filters = Filters(engine=challenger.engine, since=challenger.trained_at)
    sums = scored_sums(challenger.timeframe, seconds, filters)
    mine = [row for row in sums if row["engine_version_id"] == challenger.pk]
    own, baseline = [row["log"] for row in mine], [row["baseline_log"] for row in mine]
    return _verdict(own, baseline, [row["block"] for row in mine], "the baseline")


def _against(challenger: EngineVersion, champion: EngineVersion) -> Verdict:
    own, theirs = _live_scores(challenger), _live_scores(champion)
    both = sorted(own.keys() & theirs.keys())
    moments = [int(as_of.timestamp()) for _, as_of in both]
    blocks = blocks_of(by_name[challenger.timeframe], moments).tolist()
    return _verdict([own[key] for key in both], [theirs[key] for key in both], blocks, str(champion))


def _live_scores(version: EngineVersion) -> Scores:
    """Scored in time, at instants that count, and made after everything that it has learned from."""
    scored = Outcome.objects.filter(
        forecast__engine_version=version, forecast__counts=True, forecast__late=False, void=False
    )
    if version.trained_at:
        scored = scored.filter(forecast__as_of__gte=version.trained_at)
    rows = scored.values_list("forecast__token_id", "forecast__as_of", "log_score")
    return {(token, as_of): score or 0.0 for token, as_of, score in rows}


def _verdict(own: list[float], theirs: list[float], blocks: list[int], whom: str) -> Verdict:
    """Whether our scores are clearly better than theirs, all tokens of a block of time together."""
    found = skill(own, theirs, blocks)
    if found is None:
        return Verdict(False, f"Too early to say: {len(set(blocks))} of {FEWEST_BLOCKS} blocks of time.")
    sentence = f"Skill against {whom} is {_worded(found)} over {found.blocks} blocks of time"
    if found.low <= 0:
        return Verdict(False, f"{sentence}; it must lie above zero.")
    return Verdict(True, f"{sentence}.")


def _worded(found: Skill) -> str:
    return f"{found.value:+.1%} [{found.low:+.1%}, {found.high:+.1%}]"
