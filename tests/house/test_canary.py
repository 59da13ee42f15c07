"""A canary in every place where secrets come in, and in none where they must not come out (promise 11, short form;
`benchmarks/reliability/canary.py` is the long one)."""

import io
import json
import logging

import pyotp
import pytest
import structlog
from django.conf import settings
from django.core import mail
from django.db import connection

from accounts.models import Mail
from accounts.services.mail import send
from core.api.throttling import redis_link
from core.lib.clock import wall_now
from core.lib.redaction import forms_of
from tests.make.accounts import a_user

pytestmark = pytest.mark.django_db
AUTH = "/api/v1/auth"
FIRST, WRONG, SECOND = ("canary %&+=/< " + word * 3 for word in ("first", "wrong", "other"))
EMAIL = "alice@example.com"


@pytest.fixture
def log():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    lines = settings.LOGGING["formatters"]["lines"]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=lines["foreign_pre_chain"], processors=lines["processors"]
        )
    )
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


class Visitor:
    def __init__(self, client):
        self.client, self.secrets, self.refusals = client, {FIRST, WRONG, SECOND}, []
        client.raise_request_exception = False

    def ask(self, method, path, body=None, **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        reply = self.client.generic(method, path, data, "application/json", headers=headers)
        if reply.status_code >= 400:
            self.refusals.append(f"{reply.headers} {reply.content.decode()}")
        return reply

    def data(self, *asked, **headers):
        reply = self.ask(*asked, **headers)
        assert reply.status_code < 300, reply.content
        return reply.json()["data"] if reply.content else None

    def bearer(self, token):
        self.secrets.add(token)
        return {"Authorization": f"Bearer {token}"}


def live(visitor):
    """In by every door, rightly and wrongly."""
    login, me = f"{AUTH}/login", f"{AUTH}/me"
    visitor.ask("POST", login, {"email": EMAIL, "password": WRONG})
    tokens = visitor.data("POST", login, {"email": EMAIL, "password": FIRST})["tokens"]
    visitor.secrets.add(tokens["refresh"])
    bearer = visitor.bearer(tokens["access"])
    made = visitor.data("POST", f"{AUTH}/api-keys", {"name": "canary", "scopes": ["read"]}, **bearer)
    key = visitor.bearer(made["key"])
    secret = visitor.data("POST", f"{AUTH}/totp/enable", {"password": FIRST}, **bearer)["secret"]
    code = {"code": pyotp.TOTP(secret).now()}
    visitor.secrets |= {
        secret,
        *visitor.data("POST", f"{AUTH}/totp/confirm", code, **bearer)["recovery_codes"],
    }
    for body in (
        f'{{"password": "{FIRST}"'.encode(),
        {"email": FIRST, "password": [FIRST]},
        {FIRST: tokens["access"]},
    ):
        visitor.ask("POST", login, body)
    for path in (
        f"{me}?token={made['key']}",
        f"/api/v1/nothing/{made['key']}",
        f"/nothing?token={tokens['access']}",
    ):
        visitor.ask("GET", path, **bearer)
    visitor.ask("GET", me, Authorization=f"Bearer {made['key']}x")
    visitor.ask("GET", me, **key)
    visitor.ask("POST", "/sign-in", {"email": EMAIL, "password": FIRST})
    visitor.client.post("/sign-in", {"email": EMAIL, "password": FIRST, "code": next(iter(visitor.secrets))})
    visitor.ask("POST", f"{AUTH}/password/forgot", {"email": EMAIL})
    for owed in Mail.objects.all():
        send(mail_id=owed.id, now=wall_now())
    token = mail.outbox[-1].body.partition("?token=")[2].split()[0]
    visitor.secrets.add(token)
    visitor.ask("GET", f"/reset-password?token={token}")
    visitor.ask("POST", f"{AUTH}/password/reset", {"token": token, "password": "short"})
    visitor.data("POST", f"{AUTH}/password/reset", {"token": token, "password": SECOND})
    visitor.ask("POST", f"{AUTH}/password/reset", {"token": token, "password": SECOND})


def database():
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += [
                f"{table} {value}"
                for row in cursor.fetchall()
                for value in row
                if isinstance(value, str | dict)
            ]
    return "\n".join(rows)


def stored_in_redis():
    link = redis_link()
    if link is None:
        return ""
    script = """
        local found = {}
        for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
            local ok, dumped = pcall(redis.call, 'DUMP', key)
            found[#found + 1] = key
            found[#found + 1] = dumped
        end
        return found
        """
    found = link.run("EVAL", script, 0, settings.KEY_PREFIX)
    return "\n".join(part.decode("latin-1") for part in found)


def test_no_secret_comes_out_where_it_must_not(client, log, monkeypatch):
    a_user("alice", password=FIRST)
    visitor = Visitor(client)
    live(visitor)
    with monkeypatch.context() as broken:
        broken.setattr("accounts.api.views.log_in", _fails)
        reply = visitor.ask("POST", f"{AUTH}/login", {"email": EMAIL, "password": FIRST})
    assert reply.status_code == 500 and "RuntimeError" in log.getvalue()
    assert len(visitor.secrets) > 15
    places = {
        "database": database(),
        "Redis": stored_in_redis(),
        "log": log.getvalue(),
        "refusals": "\n".join(visitor.refusals),
    }
    assert len(visitor.refusals) > 10 and log.getvalue()
    for secret in visitor.secrets:
        for form in forms_of(secret):
            assert [name for name, text in places.items() if form in text] == [], (secret, form)


def _fails(*about, **named):
    raise RuntimeError(f"with {about} {named}")
