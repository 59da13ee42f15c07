"""Somebody who uses every door of a server with secrets in hand, rightly and wrongly, and remembers what came back.

Not a benchmark of its own: `canary` lets it live.
"""

import base64
import json
import random
import re
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pyotp

EMAIL = "canary@example.com"
PATIENCE = 60.0


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *about: Any) -> None:
        return None


class Visitor:
    """`secrets` grows with what it sends and is given; `refusals` and `exports` with what must hold none of them."""

    def __init__(self, site: str, outbox: Path, rng: random.Random) -> None:
        self._site, self._outbox, self._rng = site, outbox, rng
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(_Stay, urllib.request.HTTPCookieProcessor(self._jar))
        self._opener.addheaders = []
        self.secrets = {f"password {name}": _password() for name in ("first", "wrong", "second")}
        self.refusals: list[str] = []
        self.exports: list[str] = []
        self.statuses: Counter[int] = Counter()
        self.asked = 0

    def live(self, broken: Callable[[], AbstractContextManager[None]]) -> None:
        self._register_and_log_in()
        self._confirm_by_link()
        self._make_a_key()
        self._add_a_webhook()
        self._switch_on_the_second_factor()
        self._mistakes()
        self._use_the_site()
        self._export()
        with broken():
            self._mistakes()
            self._ask("GET", "/api/v1/auth/me", headers={"Authorization": f"Bearer {self._strange_key()}"})
        self._forget_the_password()

    def _register_and_log_in(self) -> None:
        first = self.secrets["password first"]
        self._ask("POST", "/api/v1/auth/register", {"email": EMAIL, "password": first, "username": "canary"})
        for email in (EMAIL, "nobody@example.com"):
            body = {"email": email, "password": self.secrets["password wrong"]}
            self._ask("POST", "/api/v1/auth/login", body)
        tokens = self._data("POST", "/api/v1/auth/login", {"email": EMAIL, "password": first})["tokens"]
        self._keep_tokens("first", tokens)
        fresh = self._data("POST", "/api/v1/auth/refresh", {"refresh": tokens["refresh"]})["tokens"]
        self._keep_tokens("second", fresh)

    def _confirm_by_link(self) -> None:
        token = self._token_in_mail("verify-email")
        self.secrets["token of a confirmation"] = token
        self._ask("GET", f"/verify-email?token={token}")
        for _ in range(2):
            self._ask("POST", "/api/v1/auth/verify-email", {"token": token})

    def _make_a_key(self) -> None:
        body = {"name": "canary", "scopes": ["read"]}
        once = {**self._bearer(), "Idempotency-Key": str(uuid.uuid4())}
        self.secrets["API key"] = self._data("POST", "/api/v1/auth/api-keys", body, once)["key"]
        self._ask("POST", "/api/v1/auth/api-keys", body, once)
        for key in (self.secrets["API key"], f"{self.secrets['API key']}x"):
            self._ask("GET", "/api/v1/auth/me", headers={"Authorization": f"Bearer {key}"})

    def _add_a_webhook(self) -> None:
        """At an address that no resolver knows, so that each message to it fails."""
        path, query = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.secrets |= {"path of a webhook": path, "query of a webhook": query}
        address = f"https://canary.invalid/in/{path}?token={query}"
        body = {"kind": "webhook", "name": "canary", "address": address}
        once = {**self._bearer(), "Idempotency-Key": str(uuid.uuid4())}
        made = self._data("POST", "/api/v1/alerts/channels", body, once)
        self.secrets["secret of a webhook"] = made["secret"]
        self._ask("POST", "/api/v1/alerts/channels", body, once)
        channel = f"/api/v1/alerts/channels/{made['channel']['id']}"
        self._ask("POST", f"{channel}/test", {}, self._bearer())
        renewed = self._data("POST", f"{channel}/secret", {}, self._bearer())
        self.secrets["new secret of a webhook"] = renewed["secret"]
        for wrong in (f"http://127.0.0.1/{path}", f"https://user:{path}@canary.invalid/", path):
            self._ask("POST", "/api/v1/alerts/channels", {**body, "address": wrong}, self._bearer())

    def _switch_on_the_second_factor(self) -> None:
        body = {"password": self.secrets["password first"]}
        found = self._data("POST", "/api/v1/auth/totp/enable", body, self._bearer())
        self.secrets["secret of the second factor"] = found["secret"]
        self._ask("POST", "/api/v1/auth/totp/confirm", {"code": "000000"}, self._bearer())
        code = {"code": pyotp.TOTP(found["secret"]).now()}
        codes = self._data("POST", "/api/v1/auth/totp/confirm", code, self._bearer())["recovery_codes"]
        self.secrets |= {f"recovery code {number}": one for number, one in enumerate(codes[:3])}
        used = {"email": EMAIL, "password": self.secrets["password first"], "code": codes[0]}
        self._keep_tokens("third", self._data("POST", "/api/v1/auth/login", used)["tokens"])
        self._ask("POST", "/api/v1/auth/login", used)

    def _mistakes(self) -> None:
        """Every kind of refusal, with a secret in every place that a request has."""
        first, key = self.secrets["password first"], self.secrets["API key"]
        token, basic = (
            self.secrets["access token second"],
            base64.b64encode(f"user:{first}".encode()).decode(),
        )
        login, me = "/api/v1/auth/login", "/api/v1/auth/me"
        query = urllib.parse.urlencode({"token": token, "password": first, "api_key": key})
        mistakes: list[tuple[Any, ...]] = [
            ("POST", login, f'{{"email": "{EMAIL}", "password": "{first}"'.encode()),
            ("POST", login, {"email": EMAIL, "password": [first]}),
            ("POST", login, {"email": EMAIL, "password": first + "\0"}),
            ("POST", login, {"email": EMAIL, "password": first, first: token}),
            ("POST", login, {"email": EMAIL, "password": (first + " ") * 20_000}),
            ("POST", login, urllib.parse.urlencode({"email": EMAIL, "password": first}).encode()),
            ("POST", "/api/v1/auth/register", {"email": first, "password": first}),
            ("POST", "/api/v1/auth/refresh", {"refresh": self.secrets["refresh token first"]}),
            ("POST", "/api/v1/auth/verify-email", {"token": self.secrets["token of a confirmation"]}),
            (
                "POST",
                "/api/v1/auth/password/reset",
                {"token": key, "password": self.secrets["password second"]},
            ),
            ("GET", f"{me}?{query}"),
            ("GET", me, None, {"Authorization": f"Bearer {token}x"}),
            ("GET", me, None, {"Authorization": f"Basic {basic}"}),
            ("GET", me, None, {"Authorization": token, "X-API-Key": first}),
            ("GET", f"/api/v1/nothing/{key}?{query}"),
            ("GET", f"/nothing?{query}"),
            ("DELETE", f"{login}?{query}"),
            ("GET", f"/?{query}", None, {"Host": f"{key}.example"}),
            ("GET", f"/reset-password?token={token}"),
            ("POST", "/sign-in", urllib.parse.urlencode({"email": EMAIL, "password": first}).encode()),
            ("GET", f"/sign-in?next=/x%0a{token}"),
            ("GET", f"/api/v1/market/tokens?cursor={key}&limit=x"),
        ]
        self._rng.shuffle(mistakes)
        for mistake in mistakes:
            self._ask(*mistake)

    def _use_the_site(self) -> None:
        self._ask("GET", "/sign-in")
        wrong, right = self.secrets["password wrong"], self.secrets["password first"]
        for password, code in ((wrong, ""), (right, "000000"), (right, self.secrets["recovery code 1"])):
            form = {
                "email": EMAIL,
                "password": password,
                "code": code,
                "csrfmiddlewaretoken": self._cookie("csrftoken"),
            }
            self._ask("POST", "/sign-in", urllib.parse.urlencode(form).encode(), {"Origin": self._site})
        self.secrets["cookie of a browser"] = self._cookie("sessionid")
        self.secrets["CSRF cookie"] = self._cookie("csrftoken")
        for path in ("/account", "/account/api-keys", "/account/activity", "/account/sessions", "/admin/"):
            self.exports.append(self._ask("GET", path)[1])

    def _export(self) -> None:
        headers = {"Authorization": f"Bearer {self.secrets['access token third']}"}
        for path in (
            "/api/v1/user/export",
            "/api/v1/auth/api-keys",
            "/api/v1/auth/sessions",
            "/api/v1/auth/me",
        ):
            self.exports.append(self._ask("GET", path, headers=headers)[1])

    def _forget_the_password(self) -> None:
        self._ask("POST", "/api/v1/auth/password/forgot", {"email": EMAIL})
        token = self.secrets["token of a new password"] = self._token_in_mail("reset-password")
        self._ask("GET", f"/reset-password?token={token}")
        self._ask("POST", "/api/v1/auth/password/reset", {"token": token, "password": "password1"})
        for _ in range(2):
            body = {"token": token, "password": self.secrets["password second"]}
            self._ask("POST", "/api/v1/auth/password/reset", body)

    def _keep_tokens(self, name: str, tokens: dict[str, str]) -> None:
        self.secrets |= {f"{kind} token {name}": tokens[kind] for kind in ("access", "refresh")}

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secrets['access token second']}"}

    def _cookie(self, name: str) -> str:
        return next((cookie.value or "" for cookie in self._jar if cookie.name == name), "")

    def _data(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        status, text = self._ask(method, path, body, headers)
        if status >= 300:
            raise SystemExit(f"{method} {path} answered {status}: {text[:300]}")
        return json.loads(text)["data"]

    def _ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """Status and text; what is no success is kept among the refusals, its headers, too."""
        kind = "application/x-www-form-urlencoded" if path.startswith("/sign") else "application/json"
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        said = {"Content-Type": kind, **(headers or {})}
        request = urllib.request.Request(self._site + path, data, said, method=method)
        self.asked += 1
        try:
            with self._opener.open(request, timeout=60) as reply:
                status, text = reply.status, reply.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode(errors="replace")
            if status >= 400:
                del error.headers["Set-Cookie"]  # the one place where a cookie belongs
                self.refusals.append(f"{error.headers}\n{text}")
        self.statuses[status] += 1
        return status, text

    def _strange_key(self) -> str:
        """In the right form, so that it is looked for."""
        key = self.secrets["strange key"] = f"khalsi_{'a' * 12}_{secrets.token_urlsafe(32)}"
        return key

    def _token_in_mail(self, page: str) -> str:
        """Of the newest mail with a link to this page."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for file in sorted(self._outbox.glob("*.eml"), reverse=True):
                text = file.read_text().replace("=\n", "").replace("=3D", "=")
                found = re.search(rf"/{page}\?token=([\w-]+)", text)
                if found:
                    return found[1]
            time.sleep(0.3)
        raise SystemExit(f"No mail with a link to /{page} within {PATIENCE:g} s.")


def _password() -> str:
    """With letters that an address, JSON or HTML would write otherwise."""
    return f"canary {secrets.token_hex(12)} %&+=/<"
