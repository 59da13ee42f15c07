"""The record's numbers on a small world that can be added up by hand."""

import math
from datetime import timedelta

import pytest

from predictions.selectors.record_sums import Filters
from predictions.selectors.track_record import track_record
from tests.make.markets import NOON, a_token
from tests.make.predictions import a_forecast, a_version, an_outcome

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ALL = Filters()


def the_record(timeframe="1h", filters=ALL):
    (record,) = track_record([timeframe], filters)
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
    assert [record["model"] for record in track_record(["1h"], ALL)] == ["climatology", "rules"]


def test_the_record_is_kept_until_the_next_outcome(django_assert_max_num_queries):
    token = a_token()
    an_outcome(a_forecast(token))
    assert the_record()["n"] == 1
    with django_assert_max_num_queries(2):
        the_record()
    an_outcome(a_forecast(token, as_of=NOON + HOUR))
    assert the_record()["n"] == 2


def test_climatology_has_no_skill_against_itself():
    token = a_token()
    for week in range(31):
        an_outcome(a_forecast(token, as_of=NOON - week * timedelta(days=7), up=3300, down=3300), week % 3)
    skill = the_record()["skill"]
    assert (skill["value"], skill["low"], skill["high"]) == (0.0, 0.0, 0.0)
