"""One engine's record taken apart, with figures that can be added up by hand."""

import math
from datetime import timedelta

import pytest

from predictions.selectors.record_detail import record_detail
from predictions.selectors.record_sums import Filters
from tests.make.cached import forget_cached
from tests.make.markets import NOON, a_token
from tests.make.predictions import a_forecast, a_version, an_outcome

pytestmark = pytest.mark.django_db
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
ALL = Filters()


def against(detail, model):
    return next(one for one in detail["against"] if one["model"] == model)


def test_nothing_scored_is_nothing_to_take_apart():
    assert record_detail("1h", ALL) is None


def test_uniform_is_a_third_each():
    token = a_token()
    for week in range(30):
        an_outcome(a_forecast(token, as_of=NOON - week * WEEK, up=5000, down=2000), 0)
    uniform = against(record_detail("1h", ALL), "uniform")
    assert uniform["their_log_score"] == pytest.approx(math.log(3), abs=1e-6)
    assert uniform["skill"]["value"] == pytest.approx(1 - math.log(2) / math.log(3), abs=1e-6)
    assert uniform["skill"]["blocks"] == 30


def test_an_alternative_is_compared_where_both_spoke_of_the_same_token_and_instant():
    sol, bonk = a_token("SOL"), a_token("BONK")
    champion, rules = a_version("1h", "boosting", role="champion"), a_version("1h", "rules")
    an_outcome(a_forecast(sol, version=champion, up=5000, down=2000), 0)
    an_outcome(a_forecast(bonk, version=champion, up=2000, down=5000), 0)
    an_outcome(a_forecast(sol, as_of=NOON - HOUR, version=champion), 0)
    an_outcome(a_forecast(sol, version=rules, published=False, up=4000, down=3000), 0)
    an_outcome(a_forecast(bonk, as_of=NOON - HOUR, version=rules, published=False), 0)
    found = against(record_detail("1h", ALL), "rules")
    assert found["n"] == 1
    assert found["log_score"] == pytest.approx(-math.log(0.5), abs=1e-6)
    assert found["their_log_score"] == pytest.approx(-math.log(0.4), abs=1e-6)
    assert found["skill"]["note"] == "Too early to say: 1 of 30 blocks of time."


def test_several_versions_of_an_alternative_count_once():
    token = a_token()
    an_outcome(a_forecast(token), 0)
    for number, up in ((1, 4000), (2, 5000)):
        version = a_version("1h", "rules", version=str(number))
        an_outcome(a_forecast(token, version=version, published=False, up=up, down=2000), 0)
    found = against(record_detail("1h", ALL), "rules")
    assert found["n"] == 1
    assert found["their_log_score"] == pytest.approx(-(math.log(0.4) + math.log(0.5)) / 2, abs=1e-6)


def test_the_published_engine_is_no_alternative_to_itself():
    an_outcome(a_forecast(a_token(), version=a_version("1h", "boosting", role="champion")), 0)
    assert [one["model"] for one in record_detail("1h", ALL)["against"]] == ["climatology", "uniform"]


def test_an_engine_can_be_compared_with_those_that_are_not_published():
    token = a_token()
    for engine, up in (("rules", 4000), ("persistence", 4100)):
        an_outcome(a_forecast(token, version=a_version("1h", engine), published=False, up=up), 0)
    detail = record_detail("1h", Filters(engine="rules"))
    assert [one["model"] for one in detail["against"]] == ["climatology", "uniform", "persistence"]
    assert detail["model"] == "rules"


def test_an_alternative_that_comes_later_is_compared_from_then_on():
    token = a_token()
    an_outcome(a_forecast(token, as_of=NOON - timedelta(days=5)), 0)
    for hours, engine in ((3, "rules"), (2, "persistence")):
        made = NOON - hours * HOUR
        an_outcome(a_forecast(token, as_of=made), 0)
        an_outcome(
            a_forecast(token, as_of=made, version=a_version("1h", engine), published=False, up=3000), 0
        )
        assert against(record_detail("1h", ALL), engine)["n"] == 1
    assert against(record_detail("1h", ALL), "rules")["n"] == 1


@pytest.mark.parametrize(
    "filters",
    [
        ALL,
        Filters(engine="boosting"),
        Filters(regime="calm"),
        Filters(since=NOON - 2 * WEEK, until=NOON + WEEK),
        Filters(token_id=-1),
    ],
    ids=str,
)
def test_days_added_one_by_one_make_the_same_sums_as_all_at_once(filters):
    """What is kept from earlier days and what is found by the outcomes' time say the same as the whole record."""
    token = a_token()
    if filters.token_id:
        filters = Filters(token_id=token.pk)
    champion, other = a_version("1h", "boosting", role="champion"), a_version("1h", "rules")
    for days in range(20, -1, -1):
        for version, up in ((champion, 3500 + 40 * days), (other, 3300)):
            made = a_forecast(
                token,
                as_of=NOON - timedelta(days=days),
                version=version,
                published=version is champion,
                up=up,
                down=3000,
                regime="calm" if days % 2 else "wild",
            )
            an_outcome(made, days % 3)
        record_detail("1h", filters)
    kept = record_detail("1h", filters)
    forget_cached()
    assert record_detail("1h", filters) == kept


def test_coverage_is_told_by_token_regime_and_quarter():
    sol, bonk = a_token("SOL", rank=5), a_token("BONK", rank=70)
    for number in range(4):
        made = a_forecast(sol, as_of=NOON - number * HOUR, regime="calm" if number else "wild")
        an_outcome(made, inside_range=number != 3)
    an_outcome(a_forecast(bonk, as_of=NOON - timedelta(days=100), regime="wild"), inside_range=False)
    detail = record_detail("1h", ALL)
    parts = {
        part: [(one["name"], one["n"], one["coverage_80"]) for one in detail[part]]
        for part in ("tokens", "regimes", "quarters")
    }
    assert parts["tokens"] == [("SOL", 4, 0.75), ("BONK", 1, 0.0)]
    assert parts["regimes"] == [("calm", 3, pytest.approx(2 / 3, abs=1e-6)), ("wild", 2, 0.5)]
    assert parts["quarters"] == [("2026 Q3", 1, 0.0), ("2026 Q4", 4, 0.75)]


def test_each_class_has_its_own_reliability():
    token = a_token()
    for number, came in enumerate((0, 0, 1, 2)):
        an_outcome(a_forecast(token, as_of=NOON - number * HOUR, up=5000, down=2000), came)
    up, down, sideways = record_detail("1h", ALL)["classes"]
    assert [(one["class"], one["said"], one["came"]) for one in (up, down, sideways)] == [
        ("up", 0.5, 0.5),
        ("down", 0.2, 0.25),
        ("sideways", 0.3, 0.25),
    ]
    assert [one["ece"] for one in (up, down, sideways)] == pytest.approx([0.0, 0.05, 0.05])
    assert up["calibration"][0]["n"] == 4
    assert up["slope"] is None


def test_the_slope_of_a_class_is_over_single_forecasts():
    """Up came at 0.48 and did not at 0.42: 1 ÷ 0.06."""
    token = a_token()
    for number, (up, came) in enumerate(((4200, 1), (4800, 0))):
        an_outcome(a_forecast(token, as_of=NOON - number * HOUR, up=up, down=2000), came)
    assert record_detail("1h", ALL)["classes"][0]["slope"] == pytest.approx(1 / 0.06, rel=1e-6)


def test_skill_grows_month_by_month_and_is_silent_until_thirty_blocks():
    token = a_token()
    for week in range(40):
        an_outcome(a_forecast(token, as_of=NOON - week * WEEK, up=5000, down=2000), 0)
    months = record_detail("1h", ALL)["months"]
    assert months[0]["skill_so_far"]["value"] is None
    assert months[-1]["skill_so_far"]["blocks"] == 40
    assert months[-1]["skill_newest"]["blocks"] == 30
    assert months[-1]["skill_so_far"]["value"] == pytest.approx(1 - math.log(2) / -math.log(0.33), abs=1e-6)
    assert sum(month["n"] for month in months) == 40
    assert (months[-1]["month"], months[-1]["until"]) == ("2026-11", "2026-12-01T00:00:00Z")


def test_a_month_tells_its_scores():
    token = a_token()
    an_outcome(a_forecast(token, up=5000, down=2000), 1)
    (month,) = record_detail("1h", ALL)["months"]
    assert month["log_score"] == pytest.approx(-math.log(0.2), abs=1e-6)
    assert month["baseline_log_score"] == pytest.approx(-math.log(0.33), abs=1e-6)


def test_late_void_and_overlapping_forecasts_are_in_no_part():
    token = a_token()
    an_outcome(a_forecast(token))
    an_outcome(a_forecast(token, as_of=NOON + HOUR, late=True))
    an_outcome(a_forecast(token, as_of=NOON + 2 * HOUR, counts=False))
    an_outcome(a_forecast(token, as_of=NOON + 3 * HOUR), None)
    detail = record_detail("1h", ALL)
    assert [part[0]["n"] for part in (detail["tokens"], detail["quarters"], detail["months"])] == [1, 1, 1]
    assert detail["classes"][0]["calibration"][0]["n"] == 1


@pytest.mark.parametrize("tokens", [1, 5])
def test_the_number_of_queries_does_not_grow(tokens, django_assert_max_num_queries):
    for number in range(tokens):
        token = a_token(f"T{number}")
        for engine in ("boosting", "rules", "persistence"):
            version = a_version("1h", engine, role="champion" if engine == "boosting" else "challenger")
            an_outcome(a_forecast(token, version=version, published=engine == "boosting"))
    with django_assert_max_num_queries(16):
        record_detail("1h", ALL)
    with django_assert_max_num_queries(4):
        record_detail("1h", ALL)
