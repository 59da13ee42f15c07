"""Has a challenger earned the champion's place? Up to 1d its live scores say so, from 7d on its walk-forward scores.

From 7d on thirty blocks of time would take half a year, and so few independent outcomes lie in them that chance
decides; such a promotion is marked. Looking again and again finds something in the end, so an interval for promotion
holds the truth in 99.5 % of cases, looks are a month apart, and each look is kept and counted in public.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from predictions.evaluation.skill import FEWEST_BLOCKS, Skill
from predictions.horizons import DAY, Timeframe, by_name
from predictions.models import EngineVersion, Judgement, RoleChange
from predictions.selectors.live_scores import Live, against_baseline, against_version

Basis = RoleChange.Basis
Role = EngineVersion.Role
SURE = 0.995
LIVE_BELOW = 7 * DAY
LOOKS_APART = timedelta(days=30)
BASELINE = "the baseline"


@dataclass(frozen=True)
class Verdict:
    """Whether a challenger may take the place, against whom it was judged, and the sentence that says why."""

    earned: bool
    reason: str
    against: str
    basis: str
    found: Skill | None = None
    blocks: int = 0


def judged_live(timeframe: Timeframe) -> bool:
    return timeframe.seconds < LIVE_BELOW


def judge(challenger: EngineVersion, champion: EngineVersion | None) -> Verdict:
    """Skill against the baseline, its whole interval above zero; and against the champion, where there is one."""
    if not judged_live(by_name[challenger.timeframe]):
        return _by_walk_forward(challenger, champion)
    verdict = _by_live(against_baseline(challenger), BASELINE)
    if not verdict.earned or champion is None:
        return verdict
    return _by_live(against_version(challenger, champion), str(champion))


def look_is_due(challenger: EngineVersion, now: datetime) -> bool:
    """Never looked at, or a month ago; from 7d on, where the scores stay as they are, beside a new champion alone."""
    last = Judgement.objects.filter(challenger=challenger).order_by("-judged_at").first()
    if last is None:
        return True
    if now - last.judged_at < LOOKS_APART:
        return False
    changes = RoleChange.objects.filter(timeframe=challenger.timeframe, changed_at__gt=last.judged_at)
    return judged_live(by_name[challenger.timeframe]) or changes.exclude(role_after=Role.RETIRED).exists()


def keep_look(challenger: EngineVersion, verdict: Verdict, now: datetime) -> Judgement:
    """Every look is kept, those too that came too early."""
    found = verdict.found
    figures = {} if found is None else {"skill": found.value, "low": found.low, "high": found.high}
    return Judgement.objects.create(
        challenger=challenger,
        against=verdict.against,
        judged_at=now,
        earned=verdict.earned,
        reason=verdict.reason,
        blocks=verdict.blocks,
        **figures,
    )


def _by_live(scored: Live, whom: str) -> Verdict:
    """Whether its scores are clearly better than theirs, all tokens of a block of time together."""
    found, blocks = scored.skill(SURE), len(scored.blocks)
    if found is None:
        reason = f"Too early to say: {blocks} of {FEWEST_BLOCKS} blocks of time."
        return Verdict(False, reason, whom, Basis.LIVE, None, blocks)
    sentence = (
        f"Skill against {whom} on {scored.forecasts:,} live outcomes is {worded(found)} ({SURE:.1%} interval)"
        f" over {blocks} blocks of time"
    )
    earned = found.low > 0
    ending = "." if earned else "; it must lie above zero."
    return Verdict(earned, sentence + ending, whom, Basis.LIVE, found, blocks)


def _by_walk_forward(challenger: EngineVersion, champion: EngineVersion | None) -> Verdict:
    found, blocks = walk_forward_skill(challenger)
    if found is None:
        reason = f"Too early to say: {blocks} of {FEWEST_BLOCKS} blocks of time in its walk-forward test."
        return Verdict(False, reason, BASELINE, Basis.WALK_FORWARD, None, blocks)
    sentence = f"Walk-forward skill is {worded(found)} over {blocks} blocks of time"
    if found.low <= 0:
        reason = f"{sentence}; it must lie above zero."
        return Verdict(False, reason, BASELINE, Basis.WALK_FORWARD, found, blocks)
    theirs = champion and walk_forward_skill(champion)[0]
    if theirs and found.value < theirs.value:
        reason = f"{sentence}, less than the champion's {theirs.value:+.2%}."
        return Verdict(False, reason, str(champion), Basis.WALK_FORWARD, found, blocks)
    reason = f"{sentence}; live outcomes would take years to tell at {challenger.timeframe}."
    return Verdict(True, reason, str(champion or BASELINE), Basis.WALK_FORWARD, found, blocks)


def walk_forward_skill(version: EngineVersion) -> tuple[Skill | None, int]:
    """From the registry, with its 95 % interval, and the number of blocks; None where there were too few."""
    shown: dict[str, Any] | None = version.scores.get("skill")
    if not shown:
        return None, int(version.scores.get("blocks") or 0)
    return Skill(shown["value"], shown["low"], shown["high"], shown["blocks"]), shown["blocks"]


def worded(found: Skill) -> str:
    return f"{found.value:+.2%} [{found.low:+.2%}, {found.high:+.2%}]"
