"""Whatever staff can do in the staff site is in the audit log, or was not done."""

import json

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from accounts.models import AuditEntry, Session, User
from alerts.models import Delivery
from core.models import DeadLetter
from khalsi.schedule.install import install_schedule
from markets.models import Token
from portfolios.models import Connection
from predictions.models import EngineVersion, ForecastRun
from tests.make.accounts import PASSWORD, a_user, tokens_for
from tests.make.channels import a_channel, a_dead_delivery
from tests.make.exchanges import a_bare_connection
from tests.make.markets import NOON, a_token
from tests.make.predictions import a_version

pytestmark = pytest.mark.django_db
READS_ALONE = {("predictions.Forecast", "make_again")}


def page(model, name="changelist", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def choose(model, action, *rows, **more):
    chosen = {"action": action, "_selected_action": [str(row.pk) for row in rows], **more}
    return lambda client: client.post(page(model), chosen)


def a_letter():
    return DeadLetter.objects.create(
        task="markets.fetch_quotes", error_class="E", error="no", attempts=4, failed_at=NOON, arguments={}
    )


def a_session():
    tokens_for(a_user("bob"))
    return Session.objects.get(user__username="bob")


def a_champion():
    for name in ("a", "b"):
        version = a_version("1h", "rules", version=name)
        EngineVersion.objects.filter(pk=version.pk).update(role="challenger")
    older, newer = EngineVersion.objects.filter(engine="rules", timeframe="1h").order_by("pk")
    from predictions.services.roles import appoint

    for one in (older, newer):
        appoint(one, basis="staff", reason="first")
    return EngineVersion.objects.get(pk=newer.pk)


def schedule(client):
    install_schedule()
    entry = PeriodicTask.objects.get(name="trending")
    return client.post(page(PeriodicTask, "change", entry.pk), {"enabled": ""})


def add_token(client):
    form = {"coingecko_id": "bonk", "symbol": "BONK", "name": "Bonk", "category": "meme"}
    return client.post(page(Token, "add"), form)


def change_token(client):
    token = a_token()
    form = {
        "symbol": token.symbol, "name": "Another name", "category": token.category, "mint": "", "links": "{}",
        "binance_symbol": "", "description": "", "active": "on",
    }  # fmt: skip
    return client.post(page(Token, "change", token.pk), form)


def add_user(client):
    form = {
        "email": "eve@example.com",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    return client.post(page(User, "add"), form)


def change_user(client):
    bob = a_user("bob")
    form = {"email": bob.email, "username": "bob", "role": "user", "plan": "pro", "is_active": "on"}
    return client.post(page(User, "change", bob.pk), form)


def delete_user(client):
    return client.post(page(User, "delete", a_user("bob").pk), {"post": "yes"})


def send_again(client):
    delivery = a_dead_delivery(a_channel(a_user("bob")))
    return choose(Delivery, "send_again", delivery)(client)


DEEDS = {
    ("alerts.Delivery", "send_again"): send_again,
    ("core.DeadLetter", "run_again"): lambda client: choose(DeadLetter, "run_again", a_letter())(client),
    ("core.DeadLetter", "let_go"): lambda client: choose(DeadLetter, "let_go", a_letter())(client),
    ("django_celery_beat.PeriodicTask", "change"): schedule,
    ("markets.Token", "add"): add_token,
    ("markets.Token", "change"): change_token,
    ("markets.Token", "activate"): lambda client: choose(Token, "activate", a_token(active=False))(client),
    ("markets.Token", "deactivate"): lambda client: choose(Token, "deactivate", a_token())(client),
    ("markets.Token", "fetch_again"): lambda client: choose(Token, "fetch_again", a_token())(client),
    ("markets.Token", "forecast_again"): lambda client: choose(Token, "forecast_again", a_token())(client),
    ("predictions.ForecastRun", "run_now"): lambda client: client.get(f"{page(ForecastRun)}run-now/"),
    ("predictions.EngineVersion", "train_now"): lambda client: client.get(f"{page(EngineVersion)}train-now/"),
    ("predictions.EngineVersion", "promote"): lambda client: choose(
        EngineVersion, "promote", a_version("4h", "rules", version="x"), decided="1", reason="because"
    )(client),
    ("predictions.EngineVersion", "let_step_down"): lambda client: choose(
        EngineVersion, "let_step_down", a_champion(), decided="1", reason="because"
    )(client),
    ("predictions.EngineVersion", "roll_back"): lambda client: choose(
        EngineVersion, "roll_back", a_champion(), decided="1", reason="because"
    )(client),
    ("portfolios.Connection", "read_now"): lambda client: choose(
        Connection, "read_now", a_bare_connection(a_user("bob"))
    )(client),
    ("portfolios.Connection", "switch_them_off"): lambda client: choose(
        Connection, "switch_them_off", a_bare_connection(a_user("bob"))
    )(client),
    ("accounts.Session", "end"): lambda client: choose(Session, "end", a_session())(client),
    ("accounts.User", "add"): add_user,
    ("accounts.User", "change"): change_user,
    ("accounts.User", "delete"): delete_user,
    ("accounts.User", "delete_selected"): lambda client: choose(
        User, "delete_selected", a_user("bob"), post="yes"
    )(client),
    ("accounts.User", "reset_second_factor"): lambda client: choose(
        User, "reset_second_factor", a_user("bob", second_factor_since=NOON), reason="because"
    )(client),
    ("accounts.User", "end_sessions"): lambda client: choose(User, "end_sessions", a_session().user)(client),
}


@pytest.fixture
def sent(monkeypatch):
    """What went to a worker; nothing leaves this process."""
    messages = []
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda app, name, *a, **k: messages.append(name))
    monkeypatch.setattr(
        "core.jobs.tasks.JobTask.apply_async", lambda task, *a, **k: messages.append(task.name)
    )
    return messages


@pytest.fixture
def ada(client, sent):
    client.force_login(a_user("ada"))
    client.raise_request_exception = False
    return client


def offered():
    """Everything that an admin may do to anything, as the staff site offers it."""
    request = RequestFactory().get("/admin/")
    request.user = a_user("adam", role=User.Role.ADMIN)
    for model, own in admin.site._registry.items():
        names = set(own.get_actions(request))
        for more in ("actions_list", "actions_detail", "actions_row", "actions_submit_line"):
            names |= set(getattr(own, more, ()) or ())
        names |= {
            what for what in ("add", "change", "delete") if getattr(own, f"has_{what}_permission")(request)
        }
        yield from ((model._meta.label, name) for name in names)


def test_every_deed_of_the_staff_site_is_tried_here():
    assert set(offered()) - READS_ALONE == set(DEEDS)


@pytest.mark.parametrize("deed", DEEDS, ids=":".join)
def test_what_staff_do_is_told_with_who_did_it(ada, deed):
    before = AuditEntry.objects.count()
    reply = DEEDS[deed](ada)
    assert reply.status_code == 302, reply.content.decode()[-3000:]
    told = AuditEntry.objects.order_by("-id")[: AuditEntry.objects.count() - before]
    mine = [entry for entry in told if entry.actor_id == User.objects.get(username="ada").id]
    assert mine and all(entry.at and entry.request_id for entry in mine), list(told)


def rows_of(label):
    model = next(one for one in admin.site._registry if one._meta.label == label)
    return json.dumps(list(model._base_manager.order_by("pk").values()), default=str)


@pytest.mark.parametrize("deed", DEEDS, ids=":".join)
def test_what_cannot_be_told_is_not_done(ada, deed, monkeypatch, sent):
    """The log fails at the first entry of staff; up to there everything was only prepared."""
    found = {}
    real_post, real_get = ada.post, ada.get

    def looked_at_before(send):
        def sending(*args, **kwargs):
            found["before"] = rows_of(deed[0])
            return send(*args, **kwargs)

        return sending

    def failing(**row):
        if row.get("actor_id") == found["ada"]:
            raise RuntimeError("the log is full")
        return AuditEntry(**row).save(force_insert=True)

    found["ada"] = User.objects.get(username="ada").id
    monkeypatch.setattr(AuditEntry.objects, "create", failing)
    monkeypatch.setattr(ada, "post", looked_at_before(real_post))
    monkeypatch.setattr(ada, "get", looked_at_before(real_get))
    reply = DEEDS[deed](ada)
    monkeypatch.undo()
    assert reply.status_code == 500
    assert rows_of(deed[0]) == found["before"]
    assert sent == []


def test_staff_change_their_password_where_everybody_does(ada):
    assert ada.get(reverse("admin:password_change"))["Location"] == "/account/password"


def test_another_site_leads_nobody_into_a_deed(ada, sent):
    path = f"{page(EngineVersion)}train-now/"
    assert ada.get(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert sent == [] and not AuditEntry.objects.filter(action="staff_acted").exists()
    assert ada.get(path, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 302
