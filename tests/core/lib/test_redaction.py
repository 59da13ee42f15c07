"""No secret is written down: whatever its name, its shape, its form or its depth, and whoever wrote the line."""

import base64
import io
import logging
import logging.config
import secrets
import time
from types import SimpleNamespace
from urllib.parse import quote

import pyotp
import pytest
import structlog
from django.conf import settings
from django.urls import path

from core.jobs.dead_letters import keep_dead_letter
from core.jobs.tasks import JobTask
from core.lib import redaction
from core.lib.log_lines import on_own_lines, without_secrets
from core.lib.redaction import HIDDEN, hidden, hidden_in_text
from khalsi.settings import env
from tests.make.accounts import a_user, tokens_for

CANARY = "c4naryQ-9f_" + "x7Y" * 8
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"


@pytest.fixture
def lines():
    """What the handler of the settings would write, in the form of production."""
    stream = io.StringIO()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=settings.LOGGING["formatters"]["lines"]["foreign_pre_chain"],
        processors=[
            *settings.LOGGING["formatters"]["lines"]["processors"][:-1],
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lambda: stream.getvalue()
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize(
    "name",
    [
        "password", "new_password", "old-password", "Authorization", "HTTP_AUTHORIZATION", "Cookie", "api_key",
        "X-Api-Key", "apikey", "COINGECKO_API_KEY", "client_secret", "SECRET_KEY", "CREDENTIALS_KEYS", "csrftoken",
        "csrfmiddlewaretoken", "sessionid", "access_token", "refreshToken", "TELEGRAM_BOT_TOKEN", "METRICS_TOKEN",
        "recovery_codes", "totp", "otpauth_uri", "webhook_url", "DISCORD_WEBHOOK_URL", "signature", "SENTRY_DSN",
        "EMAIL_HOST_PASSWORD", "private_key",
    ],
)  # fmt: skip
def test_what_is_called_like_a_secret_goes_at_any_depth(name):
    value = {"outer": [{name: CANARY, "kept": "kept"}]}
    assert CANARY not in str(hidden(value))
    assert "kept" in str(hidden(value))


@pytest.mark.parametrize(
    "text",
    [
        f"password={CANARY}", f"password: {CANARY}", f'{{"password": "{CANARY}"}}', f"{{'new_password': '{CANARY}'}}",
        f'{{\\"password\\": \\"{CANARY}\\"}}', f"secret => {CANARY}", f"Authorization: Bearer {CANARY}",
        f"Authorization: Basic {base64.b64encode(CANARY.encode()).decode()}", f"authorization={CANARY}",
        f"Cookie: sessionid={CANARY}; csrftoken=x", f"sent Bearer {CANARY}", f"GET /verify-email?token={CANARY} 200",
        f"https://khalsi.example/reset-password?token={CANARY}&next=/", f"/x?a=1&api_key={CANARY}",
        f"https://s3.example/file?X-Amz-Signature={CANARY}&X-Amz-Date=1", f"https://x.example/f?sig={CANARY}",
        f"postgresql://khalsi:{CANARY}@db:5432/khalsi", f"redis://:{CANARY}@redis:6379/0",
        f"https://discord.com/api/webhooks/123456789/{CANARY}", f"https://hooks.slack.com/services/T0/B0/{CANARY}",
        f"https://hooks.example/in/{CANARY}", f"https://api.telegram.org/bot123456789:{CANARY}/sendMessage",
        f"chat of bot123456789:{CANARY}", f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----",
        f"-----BEGIN EC PRIVATE KEY-----\n{CANARY}", f"khalsi_abcdefghijkm_{CANARY}",
        f"$argon2id$v=19$m=102400,t=2,p=8${CANARY}", f"https://x.example/?x_cg_pro_api_key={CANARY}",
    ],
)  # fmt: skip
def test_what_stands_where_secrets_stand_goes(text):
    assert CANARY not in hidden_in_text(text)


@pytest.mark.parametrize(
    "secret",
    [JWT, secrets.token_urlsafe(32), pyotp.random_base32(), "abcd-ef23-gh45-jk67", "aaaa-bbbb-cccc-dddd"],
    ids=["JWT", "token", "base32", "recovery code", "recovery code of few letters"],
)
def test_what_looks_like_a_secret_goes(secret):
    assert secret not in hidden_in_text(f"There was {secret}, and it failed.")


def test_six_digits_called_a_code_go():
    assert "123456" not in hidden_in_text('{"code": "123456"}')


@pytest.mark.parametrize(
    "text",
    [
        "request_failed SOL 15m at 2026-11-21T08:15:00Z", "6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a was ended",
        "https://khalsi.example/api/v1/auth/sessions/6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a",
        "record_head 3f786850e387550fdab836ed7e6dc881de23001b3f786850e387550fdab836ed", "candles_missing token=bonk",
        "markets.fetch_candles took 1.25 s, 250 tokens", "https://api.coingecko.com/api/v3/coins/markets?page=2",
    ],
)  # fmt: skip
def test_what_is_no_secret_stays(text):
    assert hidden_in_text(text) == text


@pytest.mark.parametrize(
    "form", [str, quote, lambda s: s.encode().hex(), lambda s: base64.b64encode(s.encode()).decode()]
)
def test_the_keys_of_this_process_go_in_every_form(form):
    assert form(settings.SECRET_KEY)[:-2] not in hidden_in_text(f"what {form(settings.SECRET_KEY)} is")
    assert form(settings.CREDENTIALS_KEYS[0])[:-2] not in hidden_in_text(form(settings.CREDENTIALS_KEYS[0]))


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "abcd"])
def test_a_key_within_base64_goes_wherever_it_stands(before):
    coded = base64.b64encode(f"{before}{settings.SECRET_KEY}xyz".encode()).decode()
    told = hidden_in_text(coded).replace(HIDDEN, "")
    assert len(told) < 16


def test_secrets_of_the_environment_are_known_by_name_and_in_addresses(monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "a plain word")
    monkeypatch.setenv("DATABASE_URL", "postgresql://khalsi:p%40ssw0rd-1@db/khalsi")
    assert {"a plain word", "p%40ssw0rd-1", "p@ssw0rd-1"} <= set(env.secrets())


def test_short_values_are_not_cut_out_of_words(monkeypatch):
    monkeypatch.setattr(redaction, "_known", None)
    redaction.know(["khalsi", "", "long enough"])
    assert hidden_in_text("khalsi is long enough") == f"khalsi is {HIDDEN}"


def test_hostile_text_takes_no_time():
    for text in (
        "https://" * 8000,
        "a_" * 30000,
        "password=" * 7000,
        "'\\" * 30000,
        "a/" * 30000,
        "eyJ" * 20000,
    ):
        began = time.process_time()
        hidden_in_text(text)
        assert time.process_time() - began < 2


def test_odd_objects_break_no_line():
    class Odd:
        def __repr__(self):
            raise RuntimeError

    loop: dict = {}
    loop["self"] = loop
    assert "repr failed" in hidden(Odd())
    assert "…" in str(hidden(loop))
    assert CANARY not in hidden(SimpleNamespace(password=CANARY))
    assert hidden({1: b"password=x", "n": None, "f": 1.5}) == {1: f"password={HIDDEN}", "n": None, "f": 1.5}


# The log


def own_entry():
    structlog.get_logger("khalsi.test").error(
        "failed",
        password=CANARY,
        headers={"Authorization": f"Bearer {CANARY}"},
        url=f"/x?token={CANARY}",
        other="kept",
    )


def foreign_entry():
    logging.getLogger("uvicorn.access").warning(
        '%s - "GET %s HTTP/1.1" %d', "1.2.3.4", f"/v?token={CANARY}", 200
    )
    logging.getLogger("urllib3.connectionpool").warning("GET https://u:%s@h.example/", CANARY)
    logging.getLogger("django.request").error("Internal Server Error: %s", f"/r?token={CANARY}")
    logging.getLogger("celery.app.trace").error("Task %s raised: %s", "x", ValueError(f"password={CANARY}"))


def raised_entry():
    try:
        try:
            raise ValueError(f"api_key={CANARY}")
        except ValueError as error:
            raise RuntimeError(f"https://h.example/?token={CANARY}") from error
    except RuntimeError:
        structlog.get_logger("khalsi.test").exception("failed")
        logging.getLogger("celery.worker").exception("failed")


@pytest.mark.parametrize("write", [own_entry, foreign_entry, raised_entry])
def test_no_entry_of_the_log_tells_a_secret(lines, write):
    write()
    assert HIDDEN in lines()
    assert CANARY not in lines()
    assert "other" in lines() or write is not own_entry


def test_no_library_writes_past_the_formatter():
    """Servers bring handlers of their own, which the settings take away."""
    import uvicorn.config

    before = settings.LOGGING["loggers"]
    uvicorn.config.Config("x:y")  # as its command does, before it imports the application
    logging.config.dictConfig({**settings.LOGGING, "loggers": before})
    for name in (
        "uvicorn",
        "uvicorn.access",
        "uvicorn.error",
        "_granian",
        "granian.access",
        "django",
        "celery",
    ):
        logger = logging.getLogger(name)
        assert logger.handlers == [] and logger.propagate, name


def test_celery_leaves_logging_to_us():
    from celery.signals import setup_logging

    assert setup_logging.has_listeners()


FORGED = "alice\n2026-11-21T08:00:00Z [error    ] all is lost\r\x1b[31m\u202e\u2028\ud800"


@pytest.mark.parametrize("field", ["event", "name"])
def test_text_from_outside_starts_no_line(field):
    entry = on_own_lines(None, "", {"event": "signed in", field: FORGED})
    told = structlog.dev.ConsoleRenderer(colors=False)(None, "error", entry)
    assert len(told.splitlines()) == 1
    told.encode()  # a half surrogate would fail here
    assert not set("\x1b\u202e\r") & set(told)


def test_the_lines_of_a_traceback_are_set_in():
    told = on_own_lines(None, "", {"exception": f"Traceback\n  File x\nValueError: {FORGED}"})["exception"]
    assert all(line.startswith("  | ") for line in told.splitlines())


def test_an_entry_keeps_its_fields():
    entry = {"event": "forecasts_scored", "detail": "5 scored", "seconds": 1.5, "ok": True}
    assert on_own_lines(None, "", without_secrets(None, "", dict(entry))) == entry


# Elsewhere


def broken(request):
    password = CANARY  # noqa: F841  what a page of the error would show
    raise RuntimeError(f"could not log in with password={CANARY}") from ValueError(f"token {JWT}")


urlpatterns = [path("broken", broken)]


@pytest.mark.urls("tests.core.lib.test_redaction")
@pytest.mark.parametrize("accept", ["text/html", "text/plain"])
def test_the_page_of_an_error_tells_a_developer_no_secret(client, settings, accept):
    settings.DEBUG = True
    client.raise_request_exception = False
    client.cookies["sessionid"] = CANARY
    page = client.post(
        f"/broken?token={CANARY}",
        {"password": CANARY, "name": "shown all the same"},
        headers={"Authorization": f"Bearer {CANARY}", "Accept": accept},
    ).content.decode()
    assert "RuntimeError" in page and "shown all the same" in page
    assert CANARY not in page and JWT not in page
    assert settings.SECRET_KEY not in page and settings.CREDENTIALS_KEYS[0] not in page


@pytest.mark.django_db
def test_a_dead_letter_keeps_no_secret():
    letter = keep_dead_letter(
        task="x",
        queue="q",
        arguments={"kwargs": {"password": CANARY}},
        error=ValueError(f"?token={CANARY}"),
        attempts=1,
    )
    letter.refresh_from_db()
    assert CANARY not in letter.error and CANARY not in str(letter.arguments)


@pytest.mark.django_db
def test_no_secret_goes_into_the_queue():
    class Task(JobTask):
        name = "test.secrets"

    token = tokens_for(a_user("alice")).access
    with pytest.raises(ValueError, match="ids and plain words"):
        Task().apply_async((token,))
    with pytest.raises(ValueError, match="ids and plain words"):
        Task().apply_async(kwargs={"password": "s"})
