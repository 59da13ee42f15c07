"""One champion a timeframe; every change of a role is kept with who decided it, on which basis, and why."""

import threading

import pytest
import time_machine
from django.db import connection

from core.lib.errors import Conflict
from predictions.models import EngineVersion, RoleChange
from predictions.selectors.engines import published_version
from predictions.services.roles import appoint, retire, roll_back, step_down
from tests.make.accounts import a_user
from tests.make.markets import NOON
from tests.make.predictions import a_version

pytestmark = pytest.mark.django_db


def an_engine(version="7", **fields):
    return a_version("1h", "boosting", version=version, **fields)


def promote(version, reason="It knows more."):
    return appoint(version, basis="staff", reason=reason)


def champion():
    return EngineVersion.objects.get(timeframe="1h", role="champion")


def changes():
    rows = RoleChange.objects.order_by("pk")
    return list(rows.values_list("version__version", "role_before", "role_after", "basis"))


def test_staff_may_promote_with_a_reason():
    ada, version = a_user("ada"), an_engine()
    with time_machine.travel(NOON, tick=False):
        appoint(version, basis="staff", reason=" The history was learned elsewhere. ", user=ada)
    kept = RoleChange.objects.get()
    assert champion() == version
    assert kept.reason == "The history was learned elsewhere."
    assert (kept.user, kept.basis, kept.changed_at) == (ada, "staff", NOON)


@pytest.mark.parametrize("reason", ["", " "])
def test_without_a_reason_nothing_changes(reason):
    first, second = an_engine("1"), an_engine("2")
    promote(first)
    promote(second)
    for act in (
        lambda: promote(first, reason),
        lambda: step_down(second, reason=reason),
        lambda: roll_back("1h", reason=reason),
    ):
        with pytest.raises(Conflict):
            act()
    assert champion() == second
    assert len(changes()) == 3


def test_climatology_needs_no_promotion():
    with pytest.raises(Conflict):
        promote(a_version("1h", "climatology"))


def test_an_engine_of_other_definitions_is_no_champion():
    with pytest.raises(Conflict):
        promote(an_engine(definitions=2))


def test_who_is_champion_already_is_not_made_so_again():
    version = promote(an_engine())
    with pytest.raises(Conflict):
        promote(version)
    assert len(changes()) == 1


def test_there_is_one_champion_a_timeframe():
    first, second, elsewhere = an_engine("1"), an_engine("2"), a_version("4h", "boosting")
    for version in (elsewhere, first, second):
        promote(version)
    assert champion() == second
    assert EngineVersion.objects.get(timeframe="4h", role="champion") == elsewhere
    assert changes()[1:] == [
        ("1", "challenger", "champion", "staff"),
        ("1", "champion", "challenger", "staff"),
        ("2", "challenger", "champion", "staff"),
    ]


def test_a_champion_that_steps_down_leaves_the_place_to_climatology():
    baseline, version = a_version("1h"), promote(an_engine())
    step_down(version, reason="Its ranges are too narrow.")
    assert published_version(list(EngineVersion.objects.all()), "1h") == baseline
    assert RoleChange.objects.order_by("-pk").first().reason == "Its ranges are too narrow."


def test_only_a_champion_steps_down():
    with pytest.raises(Conflict):
        step_down(an_engine(), reason="why not")


def test_rolling_back_brings_the_champion_before_back():
    first, second = promote(an_engine("1")), promote(an_engine("2"))
    assert roll_back("1h", reason="The newer one fails in calm weeks.") == first
    assert champion() == first
    second.refresh_from_db()
    assert second.role == "challenger"
    assert changes()[-1] == ("1", "challenger", "champion", "rollback")


def test_rolling_back_twice_goes_further_back_and_never_forth():
    first, _, _ = (promote(an_engine(number)) for number in "123")
    roll_back("1h", reason="worse")
    roll_back("1h", reason="worse still")
    assert champion() == first
    with pytest.raises(Conflict):
        roll_back("1h", reason="too far")
    assert champion() == first


def test_rolling_back_after_a_step_down_brings_that_champion_back():
    promote(an_engine("1"))
    second = promote(an_engine("2"))
    step_down(second, reason="a mistake")
    assert roll_back("1h", reason="It was none.") == second


def test_one_that_retired_meanwhile_can_return():
    first = promote(an_engine("1"))
    promote(an_engine("2"))
    retire(EngineVersion.objects.get(pk=first.pk), "Version 3 replaces it.")
    assert roll_back("1h", reason="The newer one fails.") == first
    assert changes()[-1] == ("1", "retired", "champion", "rollback")


def test_without_a_champion_before_there_is_nothing_to_roll_back_to():
    promote(an_engine())
    with pytest.raises(Conflict, match="Nobody was champion of 1h before"):
        roll_back("1h", reason="why not")


def test_a_champion_cannot_retire():
    with pytest.raises(Conflict):
        retire(promote(an_engine()), "old")


@pytest.mark.django_db(transaction=True)
def test_of_two_promoted_at_once_one_is_champion_and_both_are_in_the_history():
    both = [an_engine("1"), an_engine("2")]
    ready, failed = threading.Barrier(2), []

    def act(version):
        try:
            ready.wait(60)
            promote(version)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=[version]) for version in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert champion() in both
    assert [change[1:3] for change in changes()] == [
        ("challenger", "champion"),
        ("champion", "challenger"),
        ("challenger", "champion"),
    ]
