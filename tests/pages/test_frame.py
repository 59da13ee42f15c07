"""What every page has: the market it shows, one heading, named tables, and nothing inline."""

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client, override_settings

from accounts.models import User
from khalsi.dashboard.token import CHART_CREDIT_STYLE
from khalsi.settings.env import ROOT
from tests.make.markets import NOON, a_token
from tests.make.showcase import A_FEW, operations, showcase
from tests.pages.conftest import Visit
from tests.pages.reading import read

PAGES = (
    "/",
    "/tokens/SOL",
    "/track-record",
    "/track-record?timeframe=1h",
    "/forecasts",
    "/status",
    "/definitions",
    "/search?q=o",
    "/patterns",
)
TEMPLATES = sorted(ROOT.joinpath("templates").rglob("*.html"))
INLINE = re.compile(
    r"<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<script(?![^>]*\b(src|type)=)", re.IGNORECASE
)


@pytest.fixture
def a_busy_market(db: None, settings: Any) -> None:
    settings.DEBUG = True
    showcase(NOON, only=A_FEW)
    operations(NOON, NOON)


@pytest.mark.usefixtures("a_busy_market")
class TestABusyMarket:
    def test_every_page_is_whole_and_names_what_it_shows(self, visit: Visit) -> None:
        for path in PAGES:
            page = visit(path)
            assert len(list(page.all("h1"))) == 1, path
            assert page.one("main", id="main")
            assert page.one("a", css="skip-link").attributes["href"] == "#main"
            assert all(list(table.all("caption")) for table in page.all("table")), path
            assert all(head.attributes.get("scope") for head in page.all("th")), path
            assert "Source: simulated market" in page.one("footer").text

    def test_every_field_and_figure_has_a_name(self, visit: Visit) -> None:
        for path in PAGES:
            page = visit(path)
            named = {label.attributes.get("for") for label in page.all("label")}
            fields = [*page.all("select"), *page.all("input")]
            shown = [field for field in fields if field.attributes.get("type") != "hidden"]
            assert all(field.attributes.get("id") in named for field in shown), path
            assert all(next(svg.all("title")).text for svg in page.all("svg", role="img")), path

    def test_no_page_brings_script_or_style_of_its_own(self, client: Client) -> None:
        for path in PAGES:
            assert not INLINE.search(client.get(path).content.decode()), path


def _market(kind: str, speed: float = 1.0) -> object:
    return replace(settings.MARKET, kind=kind, speed=speed)


@pytest.mark.django_db
def test_a_simulated_market_is_marked(visit: Visit) -> None:
    assert "Simulated market: no price here is real" in visit("/").one("div", css="banner").text


@pytest.mark.django_db
def test_a_replay_says_what_its_time_is_and_how_fast_it_runs(visit: Visit) -> None:
    with override_settings(MARKET=_market("replay")):
        banner = visit("/").one("div", css="banner").text
    assert "Replay of recorded prices: market time 2026-11-20 12:00 UTC" in banner
    assert "1× speed" in banner


@pytest.mark.django_db
def test_a_live_market_has_no_banner(visit: Visit) -> None:
    with override_settings(MARKET=_market("live")):
        page = visit("/")
    assert not list(page.all("div", css="banner"))
    assert "CoinGecko (quotes), Binance (candles)" in page.one("footer").text


@pytest.mark.django_db
def test_signing_out_is_a_form_and_signing_in_a_link(client: Client, visit: Visit) -> None:
    assert any(link.text == "Sign in" for link in visit("/").all("a"))
    client.force_login(User.objects.create_user(email="alice@example.org", username="alice", password="x"))
    form = next(form for form in visit("/").all("form") if "Sign out" in form.text)
    assert form.attributes["method"] == "post"


@pytest.mark.django_db
def test_the_policy_forbids_what_is_inline_and_opens_for_the_charts_credit_alone(client: Client) -> None:
    a_token("SOL")
    assert "style-src 'self'" in client.get("/")["Content-Security-Policy"]
    assert CHART_CREDIT_STYLE in client.get("/tokens/SOL")["Content-Security-Policy"]
    assert "unsafe" not in client.get("/tokens/SOL")["Content-Security-Policy"]


def test_the_charts_credit_is_the_style_that_the_library_brings() -> None:
    library = next(ROOT.glob("static/vendor/lightweight-charts-*/*.mjs")).read_text()
    style = re.search(r'createElement\("style"\),this\.\w+\.innerText="([^"]+)"', library)
    assert style
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    assert f"'sha256-{digest}'" == CHART_CREDIT_STYLE


OF_PAGES = [path for path in TEMPLATES if "emails" not in path.parts]
"""Readers of mail take no stylesheet, so mail has its look in place."""


@pytest.mark.parametrize("template", OF_PAGES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_template_holds_inline_script_or_style(template: Path) -> None:
    assert not INLINE.search(template.read_text())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_extends_in_its_first_line_and_names_the_end_of_its_blocks(template: Path) -> None:
    text = template.read_text()
    assert "{% extends" not in text or text.startswith("{% extends")
    assert not re.search(r"^\s*\{% endblock %\}", text, re.MULTILINE)


@pytest.mark.django_db
def test_a_form_without_its_token_is_told_in_our_words() -> None:
    reply = Client(enforce_csrf_checks=True).post("/sign-in", {"email": "alice@example.com"})
    assert reply.status_code == 403
    assert "This form has expired" in read(reply.content).one("h1").text


@pytest.mark.parametrize("status", ["400", "403", "403_csrf", "404", "500"])
def test_an_error_page_needs_neither_request_nor_database(status: str) -> None:
    page = render_to_string(f"{status}.html")
    assert "To the overview" in page
    assert f"Error {status[:3]}" in page
