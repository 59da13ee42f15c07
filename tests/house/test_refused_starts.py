"""A start that cannot work ends with one sentence that says what to write instead."""

import fcntl
import os
import re
import socket
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from core.lib.errors import ServiceUnavailable
from core.models import SourceStamp
from khalsi.embedded import alone, sandbox
from khalsi.settings import database, env, security, sources

ROOT = Path(__file__).resolve().parents[2]
PLAIN = {
    **os.environ,
    "DJANGO_SETTINGS_MODULE": "khalsi.settings",
    **dict.fromkeys(("SOURCE", "REPLAY", "DATABASE_URL", "REDIS_URL"), ""),
}


@pytest.fixture
def taken_port():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_a_setting_that_cannot_work_is_told_in_one_line(tmp_path):
    said = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "check"],
        env={**PLAIN, "DATA": str(tmp_path), "SOURCE": "bogus"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    assert said.stderr == "Khalsi cannot start. SOURCE: write coingecko or sandbox.\n"


GOOD = "kHq7-Zr2vXo9_LmT4sWb8YcP1dNf6GjU3aEi5KxR0tQyVhBz"
PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": f"{GOOD}secret",
    "CREDENTIALS_KEY": f"{GOOD}credentials",
    "JWT_SIGNING_KEY": "",
    "ALLOWED_HOSTS": "khalsi.example",
    "SITE_URL": "https://khalsi.example",
    "BEHIND_HTTPS_PROXY": "true",
    "SOURCE": "sandbox",
    "EMAIL_URL": "",
    "REQUIRE_EMAIL_VERIFICATION": "",
}


READ = {
    "SECRET_KEY": security._secret_key,
    "JWT_SIGNING_KEY": security.jwt_signing_key,
    "CREDENTIALS_KEY": security._credentials_keys,
    "ALLOWED_HOSTS": security._allowed_hosts,
    "DATABASE_URL": database._postgresql,
}


def checked(tmp_path, *words, **said):
    return subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "manage.py"), "check", *words],
        env={**PLAIN, **PRODUCTION, "DATA": str(tmp_path), **said},
        capture_output=True,
        text=True,
        check=False,
    )


def test_djangos_check_of_a_deployment_finds_nothing(tmp_path):
    found = checked(tmp_path, "--deploy", "--fail-level", "WARNING")
    assert (found.returncode, found.stderr) == (0, "")
    assert "(1 silenced)" in found.stdout  # the redirect to HTTPS, which whoever ends TLS does


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("SECRET_KEY", "", "write 50 random characters or more"),
        ("SECRET_KEY", "short", "write 50 random characters or more"),
        ("SECRET_KEY", "ab" * 40, "write 50 random characters or more"),
        ("JWT_SIGNING_KEY", "short", "write 43 random characters or more"),
        ("JWT_SIGNING_KEY", "ab" * 40, "write 43 random characters or more"),
        ("CREDENTIALS_KEY", "", "write 43 random characters or more"),
        ("CREDENTIALS_KEY", "short", "write 43 random characters or more"),
        ("CREDENTIALS_KEY", f"{GOOD},short", "write 43 random characters or more"),
        ("ALLOWED_HOSTS", "", "write the host names that people use, and never *"),
        ("ALLOWED_HOSTS", "khalsi.example,*", "write the host names that people use, and never *"),
        ("DATABASE_URL", "postgresql://khalsi@db.example/khalsi", "write one that nobody guesses"),
        ("DATABASE_URL", "postgresql://khalsi:khalsi@db.example/khalsi", "write one that nobody guesses"),
        ("DATABASE_URL", "postgresql://u:Postgres@127.0.0.1/khalsi", "write one that nobody guesses"),
        ("DATABASE_URL", "postgresql://me:me@db.example/khalsi", "write one that nobody guesses"),
        ("DATABASE_URL", "mysql://u:p@db.example/khalsi", "write postgresql://"),
    ],
)
def test_with_debug_off_nothing_insecure_starts(monkeypatch, name, value, hint):
    monkeypatch.setenv(name, value)
    monkeypatch.setattr(env, "DEBUG", False)
    monkeypatch.setattr(env, "DATABASE_URL", value)
    with pytest.raises(ImproperlyConfigured, match=f"{name}.*{re.escape(hint)}") as told:
        READ[name]()
    assert len(value) < 8 or value not in str(told.value)  # the sentence repeats no secret


@pytest.mark.parametrize(
    "url", ["postgresql://postgres@127.0.0.1/khalsi", f"postgresql://khalsi:{GOOD}@db.example/khalsi"]
)
def test_a_password_of_its_own_or_a_server_on_this_machine_starts(monkeypatch, url):
    monkeypatch.setattr(env, "DEBUG", False)
    monkeypatch.setattr(env, "DATABASE_URL", url)
    assert database._postgresql()["NAME"] == "khalsi"


@pytest.mark.parametrize("value", ["0", "abc", "nan", "inf", "-1", "1e15"])
def test_a_speed_that_no_market_can_run_at_is_refused(monkeypatch, value):
    monkeypatch.setenv("SPEED", value)
    with pytest.raises(ImproperlyConfigured, match=r"SPEED: write a number from 0\.1 to 3600, such as 1"):
        env.number("SPEED", 1, 0.1, sources.MOST_SPEED)


def test_a_port_without_a_next_one_is_refused(monkeypatch):
    monkeypatch.setenv("PORT", "65535")
    with pytest.raises(ImproperlyConfigured, match="from 1 to 65534"):
        env.whole("PORT", 8000, 1, 65534)


def test_a_choice_is_taken_in_any_case_and_nothing_else(monkeypatch):
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert env.choice("LOG_LEVEL", "INFO", "DEBUG") == "DEBUG"
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(ImproperlyConfigured, match="LOG_LEVEL: write INFO or DEBUG"):
        env.choice("LOG_LEVEL", "INFO", "DEBUG")


def test_a_folder_that_cannot_be_made_is_refused(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("DATA", str(tmp_path / "file" / "below"))
    with pytest.raises(ImproperlyConfigured, match=r"DATA: .* cannot be made .* name another folder"):
        env.folder("DATA", tmp_path)


@pytest.mark.parametrize("memory", ["5", "[]", "{", '{"replay": 5, "speed": null}', '{"speed": "fast"}'])
def test_a_spoilt_memory_of_the_market_stops_nothing(monkeypatch, tmp_path, memory):
    (tmp_path / "market.json").write_text(memory)
    monkeypatch.setattr(sources, "MARKET_MEMORY", tmp_path / "market.json")
    assert sources._remembered_speed(sources._remembered()) == 1.0


def test_a_second_process_on_the_same_data_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(env, "DATA", tmp_path)
    monkeypatch.setattr(alone, "_held", None)
    with (tmp_path / "serve.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        other.write("4711")
        other.flush()
        with pytest.raises(CommandError, match=r"already \(process 4711\)\. Stop it first"):
            alone.hold_data()
    alone.hold_data()
    assert (tmp_path / "serve.lock").read_text() == str(os.getpid())
    os.close(alone._held)


def test_a_taken_port_is_refused_before_anything_is_started(monkeypatch, taken_port):
    monkeypatch.setattr(alone, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(env, "PORT", taken_port)
    with pytest.raises(CommandError, match=f"cannot listen at 127.0.0.1:{taken_port} .* Name another PORT"):
        alone.refuse_taken_ports()


def test_a_port_that_becomes_free_is_waited_for(monkeypatch):
    reasons = iter(["Address already in use", ""])
    monkeypatch.setattr(alone, "_refusal", lambda host, port: next(reasons))
    alone._refuse_taken("127.0.0.1", 1, "")


@pytest.mark.parametrize("start", ["1990-01-01", "2035-01-01"])
def test_a_replay_cannot_begin_where_there_are_no_candles(tmp_path, start):
    (tmp_path / "SOL-1h.csv").write_text(
        "timestamp,open,high,low,close,volume\n"
        + "".join(f"2025-01-01T{hour:02}:00:00Z,1,1,1,1,1\n" for hour in range(24))
    )
    said = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "prepare"],
        env={**PLAIN, "DATA": str(tmp_path / "data"), "REPLAY": str(tmp_path), "REPLAY_START": start},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    assert "run from 2025-01-01T01:00Z to 2025-01-02T00:00Z; begin between the two" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.django_db
def test_candles_that_cannot_be_read_end_the_start_with_file_and_line(settings, tmp_path):
    (tmp_path / "SOL-1h.csv").write_text("timestamp,open,high,low,close,volume\n2025-01-01,1,1,1,x,1\n")
    SourceStamp.objects.all().delete()
    settings.MARKET = sources._sandboxed("replay", "odd", tmp_path, 1.0)
    with pytest.raises(CommandError, match=r"REPLAY: .*SOL-1h.csv, line 2: 'x' is no number"):
        call_command("prepare")


class _Stranger(BaseHTTPRequestHandler):
    """Answers as another market's sandbox would."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


@pytest.mark.slow
@pytest.mark.django_db
def test_another_markets_sandbox_is_never_taken_for_ours(monkeypatch, settings):
    settings.MARKET = sources._sandboxed("simulated", "seed-1", None, 1.0)
    call_command("prepare")
    stranger = HTTPServer(("127.0.0.1", 0), _Stranger)
    Thread(target=stranger.serve_forever, daemon=True).start()
    monkeypatch.setattr(sandbox, "SANDBOX_PORT", stranger.server_port)
    child = sandbox.SandboxChild(SourceStamp.objects.get())
    try:
        with pytest.raises(ServiceUnavailable, match="Name another PORT"):
            child.wait_until_ready()
    finally:
        child.stop()
        stranger.shutdown()
        stranger.server_close()
