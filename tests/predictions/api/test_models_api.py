"""The registry tells of each engine how it came to its role, and how often somebody tried and looked."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from predictions.services.promotion import promote_those_who_earned
from predictions.services.roles import appoint
from tests.make.markets import NOON, a_token
from tests.make.pools import skill
from tests.make.predictions import a_forecast, a_version, an_outcome

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def models(client: Client):
    body = client.get("/api/v1/predictions/models").json()
    assert body["success"]
    return {(one["name"], one["version"]): one for one in body["data"]}


def a_trained(number: int, **fields):
    fields = {"artifact": f"1h/{number}.npz", "trained_at": NOON - timedelta(days=600), **fields}
    return a_version("1h", "ensemble", version=str(number), **fields)


def test_walk_forward_and_live_scores_stand_apart(client: Client):
    facts = {"rows": 60_000, "data_digest": "ab12", "libraries": {"numpy": "2"}, "trials": 3}
    version, token = a_trained(1, scores={**skill(0.01), "training": facts}), a_token()
    for week in range(30):
        an_outcome(a_forecast(token, as_of=NOON - week * WEEK, version=version, up=4500), 0)
    shown = models(client)["ensemble", "1"]
    assert shown["scores"]["skill"] == skill(0.01)["skill"]
    assert "training" not in shown["scores"]
    assert shown["training"] == facts
    assert shown["live"]["n"] == 30
    assert shown["live"]["skill"]["low"] > 0.1


def test_live_scores_of_few_blocks_are_too_early(client: Client):
    version = a_trained(1)
    an_outcome(a_forecast(a_token(), version=version, as_of=NOON - WEEK))
    live = models(client)["ensemble", "1"]["live"]
    assert live["n"] == 1
    assert live["skill"]["value"] is None
    assert "Too early to say" in live["skill"]["note"]


def test_an_engine_that_never_spoke_has_no_live_scores(client: Client):
    a_trained(1)
    live = models(client)["ensemble", "1"]["live"]
    assert (live["n"], live["skill"]["value"]) == (0, None)


def test_the_role_is_told_with_its_basis_and_reason(client: Client):
    first, second = a_trained(1), a_trained(2)
    with time_machine.travel(NOON, tick=False):
        appoint(first, basis="walk_forward", reason="The first of its timeframe.")
        appoint(second, basis="staff", reason="It was trained on more.")
    shown = models(client)
    assert shown["ensemble", "2"]["role_history"] == {
        "since": "2026-11-20T12:00:00Z",
        "basis": "staff",
        "reason": "It was trained on more.",
    }
    assert "took its place" in shown["ensemble", "1"]["role_history"]["reason"]
    assert shown["ensemble", "2"]["published"]


def test_versions_and_looks_are_counted(client: Client):
    for number in (1, 2, 3):
        a_trained(number)
    a_version("1h", "rules")
    promote_those_who_earned(NOON)
    promote_those_who_earned(NOON + timedelta(days=31))
    shown = models(client)
    assert [shown["ensemble", str(number)]["trials"] for number in (1, 2, 3)] == [1, 2, 3]
    assert shown["rules", "1"]["trials"] == 0
    assert {one["looks"] for one in shown.values()} == {2}
    assert shown["rules", "1"]["last_look"] == {
        "judged_at": "2026-12-21T12:00:00Z",
        "against": "the baseline",
        "earned": False,
        "reason": "Too early to say: 0 of 30 blocks of time.",
    }


def test_a_champion_that_knows_what_comes_is_not_called_published(client: Client):
    a_version("1h")
    champion = a_trained(1, role="champion", trained_at=NOON + timedelta(days=9000))
    shown = models(client)
    assert not shown["ensemble", champion.version]["published"]
    assert shown["climatology", "1"]["published"]
