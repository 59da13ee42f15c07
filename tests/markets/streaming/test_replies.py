"""Ready replies do not stay behind the stream."""

from typing import Any

import pytest
from django.test import Client

from core.lib.clock import market_now
from markets import receivers
from markets.events import prices_changed
from markets.models import LatestQuote
from markets.services.streaming.rhythm import Every
from tests.make.markets import a_quote, a_token

pytestmark = pytest.mark.django_db


def price(client: Client) -> Any:
    return client.get("/api/v1/market/solana").json()["data"]["price_usd"]


def test_a_price_of_the_stream_renews_the_ready_reply(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receivers, "_dropping", Every(5.0))
    sol = a_token("SOL", "solana")
    a_quote(sol, 100.0, market_now())
    assert price(client) == 100.0
    LatestQuote.objects.update(price_usd=101.0)
    prices_changed.send(sender=LatestQuote, token_ids=[sol.pk])
    assert price(client) == 101.0
