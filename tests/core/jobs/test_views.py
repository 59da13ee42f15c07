"""Who may watch a job: whoever started it for himself, and for the site's own whoever may start one."""

import pytest

from core.jobs.slots import begin_for, claim, report_progress
from tests.make.accounts import a_user, bearer

pytestmark = pytest.mark.django_db


def asked(client, run, user):
    return client.get(f"/api/v1/jobs/{run.pk}", headers=bearer(user))


def test_what_i_started_for_myself_i_may_watch(client):
    alice = a_user("alice")
    run = begin_for(alice.id, "exchange-sync", "waiting")
    report_progress(run, 0.25, "trades")
    told = asked(client, run, alice).json()["data"]
    assert (told["state"], told["progress"], told["detail"]) == ("running", 0.25, "trades")


@pytest.mark.parametrize(
    ("role", "status"), [("user", 404), ("analyst", 404), ("staff", 200), ("admin", 200)]
)
def test_others_see_it_only_as_staff(client, role, status):
    run = begin_for(a_user("alice").id, "exchange-sync")
    assert asked(client, run, a_user("bob", role=role)).status_code == status


@pytest.mark.parametrize(
    ("role", "status"), [("user", 404), ("analyst", 200), ("staff", 200), ("admin", 200)]
)
def test_the_sites_own_jobs_are_for_those_who_may_start_one(client, role, status):
    assert asked(client, claim("train"), a_user("bob", role=role)).status_code == status
