"""An engine becomes champion by its live scores on outcomes it had not seen, or by staff with a reason."""

from datetime import timedelta

import pytest
import time_machine

from predictions.models import EngineVersion, Judgement, RoleChange
from predictions.selectors.live_scores import against_baseline
from predictions.services.judging import judge
from predictions.services.promotion import promote_if_earned, promote_those_who_earned
from predictions.services.roles import appoint
from tests.make.markets import NOON, a_token
from tests.make.predictions import a_forecast, a_version, an_outcome

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def a_challenger(**fields):
    return a_version("1h", "boosting", version="7", **fields)


def scored(version, weeks, *, up=4500, came=0, first=NOON - 60 * WEEK, token=None, **fields):
    token = token or a_token()
    for number in range(weeks):
        as_of = first + number * WEEK
        an_outcome(a_forecast(token, as_of=as_of, version=version, up=up, published=False, **fields), came)


def test_thirty_blocks_of_clear_skill_earn_the_place():
    challenger = a_challenger()
    scored(challenger, 30)
    verdict = promote_if_earned(challenger, NOON)
    assert verdict.earned
    assert EngineVersion.objects.get(role="champion") == challenger


def test_twenty_nine_blocks_are_too_early():
    challenger = a_challenger()
    scored(challenger, 29)
    verdict = promote_if_earned(challenger, NOON)
    assert not verdict.earned
    assert verdict.reason == "Too early to say: 29 of 30 blocks of time."
    assert not EngineVersion.objects.filter(role="champion").exists()


def test_skill_whose_interval_reaches_zero_is_not_enough():
    challenger, token = a_challenger(), a_token()
    for number in range(40):
        as_of = NOON - number * WEEK
        forecast = a_forecast(token, as_of=as_of, version=challenger, up=3500, down=3100, published=False)
        an_outcome(forecast, number % 2)
    verdict = judge(challenger, None)
    assert not verdict.earned
    assert "above zero" in verdict.reason


def test_outcomes_from_before_it_was_trained_do_not_count():
    challenger = a_challenger(trained_at=NOON - 50 * WEEK)
    scored(challenger, 39)
    assert judge(challenger, None).reason == "Too early to say: 29 of 30 blocks of time."


def test_late_forecasts_do_not_count():
    challenger, token = a_challenger(), a_token()
    for number in range(40):
        an_outcome(
            a_forecast(token, as_of=NOON - number * WEEK, version=challenger, late=True, published=False)
        )
    assert not judge(challenger, None).earned


def test_the_present_champion_must_be_beaten_on_the_same_forecasts():
    token = a_token()
    champion = a_version("1h", "rules", role="champion")
    scored(champion, 40, up=4500, token=token)
    level, better = a_challenger(), a_version("1h", "boosting", version="8")
    scored(level, 40, up=4500, token=token)
    scored(better, 40, up=4800, token=token)
    assert not judge(level, champion).earned
    assert promote_those_who_earned(NOON) == [better]
    champion.refresh_from_db()
    assert champion.role == "challenger"


@pytest.mark.parametrize(
    ("engine", "forecast"),
    [({}, {"late": True}), ({"trained_at": NOON - 60 * WEEK}, {}), ({}, {"counts": False})],
)
def test_what_does_not_count_beats_no_champion(engine, forecast):
    """Level where it counts; better where it was late, had seen the outcome, or between the hours."""
    token = a_token()
    champion = a_version("1h", "rules", role="champion")
    challenger = a_challenger(**engine)
    for version, up in ((champion, 4500), (challenger, 4800)):
        scored(version, 40, token=token)
        scored(version, 40, up=up, first=NOON - 120 * WEEK, token=token, **forecast)
    assert "is +0.00% " in judge(challenger, champion).reason


def test_the_change_is_kept_with_its_basis_and_its_reason():
    challenger, champion = a_challenger(), a_version("1h", "rules", role="champion")
    token = a_token()
    scored(champion, 30, token=token)
    scored(challenger, 30, up=4800, token=token)
    verdict = promote_if_earned(challenger, NOON)
    changes = RoleChange.objects.order_by("pk").values_list("version", "role_before", "role_after", "basis")
    assert list(changes) == [
        (champion.pk, "champion", "challenger", "live"),
        (challenger.pk, "challenger", "champion", "live"),
    ]
    assert RoleChange.objects.get(version=challenger).reason == verdict.reason
    assert "on 30 live outcomes" in verdict.reason
    assert "99.5% interval" in verdict.reason


def test_what_95_per_cent_would_have_let_pass_does_not_earn_the_place():
    """Looks are many, so the interval is wider than the one that the track record shows."""
    challenger, token = a_challenger(), a_token()
    for number in range(40):
        as_of = NOON - number * WEEK
        forecast = a_forecast(token, as_of=as_of, version=challenger, up=3700, down=3100, published=False)
        an_outcome(forecast, 0 if number < 22 else 1)
    live = against_baseline(challenger)
    assert live.skill(0.95).low > 0
    assert live.skill(0.995).low < 0
    assert not judge(challenger, None).earned


def test_each_look_is_kept_and_the_next_comes_a_month_later():
    challenger = a_challenger()
    scored(challenger, 3)
    assert promote_those_who_earned(NOON) == []
    promote_those_who_earned(NOON + timedelta(days=29))
    look = Judgement.objects.get()
    assert (look.challenger, look.against, look.earned) == (challenger, "the baseline", False)
    assert (look.reason, look.blocks) == ("Too early to say: 3 of 30 blocks of time.", 3)
    assert (look.skill, look.low, look.high) == (None, None, None)
    promote_those_who_earned(NOON + timedelta(days=30))
    assert Judgement.objects.count() == 2


def test_a_look_keeps_the_figures_it_was_decided_by():
    challenger = a_challenger()
    scored(challenger, 30)
    promote_if_earned(challenger, NOON)
    look = Judgement.objects.get()
    assert look.earned
    assert 0 < look.low <= look.skill <= look.high


def walked(low, value=0.01, timeframe="14d", **fields):
    skill = {"value": value, "low": low, "high": 0.03, "blocks": 60}
    return a_version(timeframe, "ensemble", scores={"skill": skill}, **fields)


@pytest.mark.parametrize("timeframe", ["7d", "14d", "30d"])
def test_from_seven_days_on_walk_forward_scores_decide_and_that_is_marked(timeframe):
    challenger = walked(0.001, timeframe=timeframe)
    assert promote_those_who_earned(NOON) == [challenger]
    change = RoleChange.objects.get()
    assert change.basis == "walk_forward"
    assert "Walk-forward skill is +1.00%" in change.reason


def test_below_seven_days_walk_forward_scores_decide_nothing():
    challenger = walked(0.5, 0.6, "1d")
    assert promote_those_who_earned(NOON) == []
    assert judge(challenger, None).reason == "Too early to say: 0 of 30 blocks of time."


@pytest.mark.parametrize(
    "scores", [{}, {"skill": None}, {"skill": {"value": 0.01, "low": -0.001, "high": 0.02, "blocks": 60}}]
)
def test_a_walk_forward_interval_that_reaches_zero_is_not_enough(scores):
    a_version("14d", "ensemble", scores=scores)
    assert promote_those_who_earned(NOON) == []


def test_a_walk_forward_skill_below_the_champions_is_not_enough():
    champion = walked(0.001, 0.02, version="1", role="champion")
    worse, better = walked(0.001, 0.019, version="2"), walked(0.001, 0.021, version="3")
    assert promote_those_who_earned(NOON) == [better]
    assert "less than the champion's +2.00%" in Judgement.objects.get(challenger=worse).reason
    champion.refresh_from_db()
    assert champion.role == "challenger"


def test_walk_forward_scores_are_looked_at_anew_only_beside_another_champion():
    walked(-0.001, version="1")
    promote_those_who_earned(NOON)
    promote_those_who_earned(NOON + timedelta(days=60))
    assert Judgement.objects.count() == 1
    with time_machine.travel(NOON + timedelta(days=61), tick=False):
        appoint(walked(0.001, version="2"), basis="staff", reason="It knows more.")
    promote_those_who_earned(NOON + timedelta(days=62))
    assert Judgement.objects.count() == 2


def test_a_verdict_against_a_champion_that_has_gone_decides_nothing(monkeypatch):
    """Judging takes a while, and roles may change meanwhile; it is judged anew, beside the new champion."""
    challenger, other = walked(0.001, version="1"), walked(0.02, 0.025, version="2")

    def slowly(*told):
        if not RoleChange.objects.exists():
            appoint(other, basis="staff", reason="It knows more.")
        return judge(*told)

    monkeypatch.setattr("predictions.services.promotion.judge", slowly)
    assert promote_if_earned(challenger, NOON) is None
    assert EngineVersion.objects.get(role="champion") == other
    assert not Judgement.objects.exists()
    assert not promote_if_earned(challenger, NOON).earned
    assert Judgement.objects.count() == 1
