"""An engine becomes champion by its live scores on outcomes it had not seen, or by staff with a reason."""

from datetime import timedelta

import pytest

from core.lib.errors import Conflict
from predictions.models import EngineVersion
from predictions.selectors.engines import published_version
from predictions.services.promotion import (
    judge,
    promote,
    promote_if_earned,
    promote_those_who_earned,
    step_down,
)
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
    verdict = promote_if_earned(challenger)
    assert verdict.earned
    assert EngineVersion.objects.get(role="champion") == challenger


def test_twenty_nine_blocks_are_too_early():
    challenger = a_challenger()
    scored(challenger, 29)
    verdict = promote_if_earned(challenger)
    assert not verdict.earned
    assert verdict.reason == "Too early to say: 29 of 30 blocks of time."
    assert not EngineVersion.objects.filter(role="champion").exists()


def test_skill_whose_interval_reaches_zero_is_not_enough():
    challenger, token = a_challenger(), a_token()
    for number in range(40):
        as_of = NOON - number * WEEK
        forecast = a_forecast(token, as_of=as_of, version=challenger, up=3500, down=3100, published=False)
        an_outcome(forecast, number % 2)
    verdict = judge(challenger)
    assert not verdict.earned
    assert "above zero" in verdict.reason


def test_outcomes_from_before_it_was_trained_do_not_count():
    challenger = a_challenger(trained_at=NOON - 50 * WEEK)
    scored(challenger, 39)
    assert judge(challenger).reason == "Too early to say: 29 of 30 blocks of time."


def test_late_forecasts_do_not_count():
    challenger, token = a_challenger(), a_token()
    for number in range(40):
        an_outcome(
            a_forecast(token, as_of=NOON - number * WEEK, version=challenger, late=True, published=False)
        )
    assert not judge(challenger).earned


def test_the_present_champion_must_be_beaten_on_the_same_forecasts():
    token = a_token()
    champion = a_version("1h", "rules", role="champion")
    scored(champion, 40, up=4500, token=token)
    level, better = a_challenger(), a_version("1h", "boosting", version="8")
    scored(level, 40, up=4500, token=token)
    scored(better, 40, up=4800, token=token)
    assert not judge(level).earned
    assert promote_those_who_earned() == [better]
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
    assert "is +0.0% " in judge(challenger).reason


def test_staff_may_promote_with_a_reason():
    challenger = a_challenger()
    promote(challenger, "The history was learned elsewhere.")
    challenger.refresh_from_db()
    assert challenger.role == "champion"
    assert challenger.scores["promoted_because"] == "The history was learned elsewhere."


def test_without_a_reason_nobody_is_promoted():
    with pytest.raises(Conflict):
        promote(a_challenger(), " ")


def test_climatology_needs_no_promotion():
    with pytest.raises(Conflict):
        promote(a_version("1h", "climatology"), "because")


def test_there_is_one_champion_a_timeframe():
    first, second = a_challenger(), a_version("1h", "rules")
    promote(first, "one")
    promote(second, "two")
    assert list(EngineVersion.objects.filter(role="champion")) == [second]


def test_a_champion_that_steps_down_leaves_the_place_to_climatology():
    baseline, champion = a_version("1h"), a_challenger()
    promote(champion, "one")
    assert step_down(champion)
    assert published_version(list(EngineVersion.objects.all()), "1h") == baseline
