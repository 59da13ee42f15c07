"""The record's numbers on a small world that can be added up by hand."""

import math
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from predictions.selectors.record_sums import Filters
from predictions.selectors.track_record import track_record
from tests.make.markets import NOON, a_token
from tests.make.predictions import a_forecast, a_version, an_abstention, an_outcome

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ALL = Filters()


def the_record(timeframe="1h", filters=ALL):
    (record,) = track_record([timeframe], filters)["models"]
    return record


def test_four_forecasts_add_up_as_by_hand():
    token = a_token()
    for number, came in enumerate((0, 0, 1, 2)):
        forecast = a_forecast(token, as_of=NOON - (4 - number) * HOUR, up=5000, down=2000)
        an_outcome(forecast, came, inside_range=number != 3)
    record = the_record()
    assert record["n"] == 4
    assert record["log_score"] == pytest.approx(
        -(2 * math.log(0.5) + math.log(0.2) + math.log(0.3)) / 4, abs=1e-6
    )
    assert record["brier"] == pytest.approx((2 * 0.38 + 0.98 + 0.78) / 4)
    assert record["baseline"]["log_score"] == pytest.approx(
        -(3 * math.log(0.33) + math.log(0.34)) / 4, abs=1e-6
    )
    assert record["hit_rate"] == 0.5
    assert (record["direction_accuracy"], record["direction_n"]) == (pytest.approx(2 / 3, abs=1e-6), 3)
    assert record["coverage_80"] == 0.75
    assert record["independent_n"] == 4
    (one,) = record["calibration"]
    assert (one["bin"], one["mean_probability"], one["observed"], one["n"]) == (5, 0.5, 0.5, 4)
    assert record["ece"] == 0.0


def test_a_tie_of_up_and_down_counts_a_half():
    token = a_token()
    an_outcome(a_forecast(token, up=3000, down=3000), 0)
    assert the_record()["direction_accuracy"] == 0.5


@pytest.mark.parametrize(
    ("up", "down", "came"), [(4000, 4000, 0), (2000, 4000, 1), (4000, 2000, 0), (3000, 3000, 2)]
)
def test_the_favoured_class_is_the_first_among_equals(up, down, came):
    an_outcome(a_forecast(a_token(), up=up, down=down), came)
    assert the_record()["hit_rate"] == 1.0


def test_below_thirty_blocks_it_is_too_early_to_say():
    an_outcome(a_forecast(a_token()))
    skill = the_record()["skill"]
    assert skill == {
        "value": None,
        "low": None,
        "high": None,
        "blocks": 1,
        "note": "Too early to say: 1 of 30 blocks of time.",
    }


def test_over_thirty_blocks_the_skill_has_an_interval_around_it():
    token = a_token()
    for week in range(32):
        an_outcome(a_forecast(token, as_of=NOON - week * timedelta(days=7), up=4000, down=3000), 0)
    skill = the_record()["skill"]
    assert skill["blocks"] == 32
    assert skill["value"] == pytest.approx(1 - math.log(0.4) / math.log(0.33), abs=1e-6)
    assert skill["low"] <= skill["value"] <= skill["high"]


def test_instants_that_do_not_count_are_left_out():
    token = a_token()
    an_outcome(a_forecast(token))
    an_outcome(a_forecast(token, as_of=NOON + timedelta(minutes=15), counts=False))
    assert the_record()["n"] == 1


def test_late_and_void_forecasts_are_counted_apart():
    token = a_token()
    an_outcome(a_forecast(token))
    an_outcome(a_forecast(token, as_of=NOON + HOUR, late=True))
    an_outcome(a_forecast(token, as_of=NOON + 2 * HOUR), None)
    record = the_record()
    assert (record["n"], record["late"], record["void"]) == (1, 1, 1)


def test_an_engine_with_void_forecasts_alone_is_still_on_the_record():
    an_outcome(a_forecast(a_token()), None)
    record = the_record()
    assert (record["n"], record["void"], record["log_score"]) == (0, 1, None)


def test_engines_are_judged_apart():
    token = a_token()
    an_outcome(a_forecast(token))
    an_outcome(a_forecast(token, version=a_version("1h", "rules"), published=False))
    assert [record["model"] for record in track_record(["1h"], ALL)["models"]] == ["climatology", "rules"]


def test_the_record_is_kept_until_the_next_outcome(django_assert_max_num_queries):
    token = a_token()
    an_outcome(a_forecast(token))
    assert the_record()["n"] == 1
    with django_assert_max_num_queries(4):
        the_record()
    an_outcome(a_forecast(token, as_of=NOON + HOUR))
    assert the_record()["n"] == 2


def test_climatology_has_no_skill_against_itself():
    token = a_token()
    for week in range(31):
        an_outcome(a_forecast(token, as_of=NOON - week * timedelta(days=7), up=3300, down=3300), week % 3)
    skill = the_record()["skill"]
    assert (skill["value"], skill["low"], skill["high"]) == (0.0, 0.0, 0.0)


def test_versions_of_an_engine_are_added_up_beside_each_alone():
    token = a_token()
    for number in (1, 2):
        version = a_version("1h", "boosting", version=str(number))
        an_outcome(
            a_forecast(token, as_of=NOON - number * HOUR, version=version, up=5000, down=2000), number - 1
        )
    record = track_record(["1h"], ALL)
    assert [(one["model_version"], one["n"]) for one in record["models"]] == [("1", 1), ("2", 1)]
    (engine,) = record["engines"]
    assert (engine["model"], engine["model_version"], engine["n"]) == ("boosting", "", 2)
    assert engine["log_score"] == pytest.approx(-(math.log(0.5) + math.log(0.2)) / 2, abs=1e-6)


def test_what_users_were_shown_is_one_record_whoever_said_it():
    token = a_token()
    champion = a_version("1h", "boosting", role="champion")
    an_outcome(a_forecast(token, as_of=NOON - HOUR, version=champion), 0)
    an_outcome(a_forecast(token, as_of=NOON, fallback=True), 1)
    an_outcome(a_forecast(token, version=a_version("1h", "rules"), published=False), 0)
    (shown,) = track_record(["1h"], ALL)["published"]
    assert (shown["n"], shown["role"], shown["all_instants"]["fallback"]) == (2, "published", 1)
    assert track_record(["1h"], Filters(engine="rules"))["published"] == []


def test_void_and_late_are_counted_over_all_instants_too():
    token = a_token()
    for number, extra in enumerate(({}, {"late": True}, {"late": True, "counts": False}, {"counts": False})):
        an_outcome(a_forecast(token, as_of=NOON + number * HOUR, **extra), None if number == 3 else 0)
    record = the_record()
    assert (record["n"], record["late"], record["void"]) == (1, 1, 0)
    assert record["all_instants"] == {"n": 4, "void": 1, "late": 2, "fallback": 0}


def test_range_skill_is_over_those_with_a_score_of_their_range():
    token = a_token()
    for week in range(30):
        made = a_forecast(token, as_of=NOON - week * timedelta(days=7))
        an_outcome(made, 0, pinball=0.003, baseline_pinball=0.004)
    an_outcome(a_forecast(token, as_of=NOON + HOUR), 0)
    record = the_record()
    assert record["pinball_skill"]["value"] == pytest.approx(0.25)
    assert (record["pinball"], record["baseline"]["pinball"]) == (0.003, 0.004)
    assert record["pinball_skill"]["blocks"] == 30


def test_the_slope_is_that_of_single_forecasts_inside_a_bin_too():
    """0.42 that never came and 0.48 that always did lie in one bin: slope 1 ÷ 0.06, of the bins' means none."""
    token = a_token()
    for number, (up, came) in enumerate(((4200, 1), (4800, 0), (4200, 2), (4800, 0))):
        an_outcome(a_forecast(token, as_of=NOON - number * HOUR, up=up, down=2000), came)
    record = the_record()
    assert record["calibration_slope"] == pytest.approx(1 / 0.06, rel=1e-6)
    assert record["ece"] == pytest.approx(0.05)


def test_a_regime_can_be_asked_for_alone():
    token = a_token()
    for number, regime in enumerate(("calm", "wild", "wild", "")):
        an_outcome(a_forecast(token, as_of=NOON - number * HOUR, regime=regime))
    assert the_record(filters=Filters(regime="wild"))["n"] == 2


def test_abstentions_are_counted_by_reason_and_kept_apart_from_engines():
    token, other = a_token("SOL"), a_token("BONK")
    for number, code in enumerate(("STALE_DATA", "UNLIKE_TRAINING", "UNLIKE_TRAINING")):
        an_abstention(token, "1h", NOON - number * HOUR, code=code, counts=number != 2)
    an_abstention(other, "4h", code="STALE_DATA")
    found = track_record(["1h"], Filters(token_id=token.pk, engine="boosting"))["abstentions"]
    assert [(one["code"], one["n"], one["counting"]) for one in found] == [
        ("STALE_DATA", 1, 1),
        ("UNLIKE_TRAINING", 2, 1),
    ]


def test_a_change_of_role_is_seen_at_once():
    version = a_version("1h", "boosting")
    an_outcome(a_forecast(a_token(), version=version))
    assert the_record()["role"] == "challenger"
    version.role = "champion"
    version.save()
    assert the_record()["role"] == "champion"


def test_what_was_resolved_on_earlier_days_is_added_up_once():
    token = a_token()
    an_outcome(a_forecast(token, as_of=NOON - timedelta(days=3)))
    an_outcome(a_forecast(token))
    assert the_record()["n"] == 2
    an_outcome(a_forecast(token, as_of=NOON + HOUR))
    with CaptureQueriesContext(connection) as queries:
        assert the_record()["n"] == 3
    summed = [one["sql"] for one in queries if "SUM(" in one["sql"]]
    assert len(summed) == 1


def test_a_new_day_adds_itself_to_what_was_added_up_before():
    token = a_token()
    an_outcome(a_forecast(token, as_of=NOON - timedelta(days=3)))
    an_outcome(a_forecast(token))
    assert the_record()["n"] == 2
    an_outcome(a_forecast(token, as_of=NOON + timedelta(days=1)))
    with CaptureQueriesContext(connection) as queries:
        assert the_record()["n"] == 3
    summed = [one["sql"] for one in queries if "SUM(" in one["sql"]]
    assert len(summed) == 2
    assert all('resolved_at" >=' in one for one in summed)


def test_an_outcome_that_comes_late_into_a_past_day_is_not_lost():
    """A scoring whose clock was read before midnight may commit long after it."""
    token = a_token()
    an_outcome(a_forecast(token, as_of=NOON - timedelta(days=3)))
    an_outcome(a_forecast(token))
    assert the_record()["n"] == 2
    an_outcome(a_forecast(a_token("BONK"), as_of=NOON - timedelta(days=3)))
    an_outcome(a_forecast(token, as_of=NOON + HOUR))
    assert the_record()["n"] == 4


@pytest.mark.parametrize("versions", [1, 6])
def test_the_number_of_queries_does_not_grow_with_the_engines(versions, django_assert_max_num_queries):
    token = a_token()
    for number in range(versions):
        for timeframe in ("1h", "4h"):
            version = a_version(timeframe, "boosting", version=str(number))
            an_outcome(a_forecast(token, timeframe, version=version))
    with django_assert_max_num_queries(12):
        track_record(["1h", "4h"], ALL)
