"""The sandbox answers as CoinGecko was recorded to answer."""

from datetime import UTC, datetime

import pytest

from tests.markets.sandbox.conftest import NOON
from tests.markets.sandbox.recordings import recorded

NEWEST = 30  # seconds for which a view stands


def test_ping(gecko):
    assert gecko("/ping").json() == recorded("coingecko/ping.json")


def test_market_rows_have_the_recorded_fields_in_their_order(gecko):
    row = gecko("/coins/markets", vs_currency="usd").json()[0]
    assert list(row) == list(recorded("coingecko/markets_top250_usd_2023-07.json.gz")[0])


def test_market_rows_have_the_recorded_types(gecko):
    known = {}
    for row in recorded("coingecko/markets_top250_usd_2023-07.json.gz"):
        for key, value in row.items():
            known.setdefault(key, set()).add(float if isinstance(value, int) else type(value))
    for row in gecko("/coins/markets", vs_currency="usd").json():
        for key, value in row.items():
            assert (float if isinstance(value, int) else type(value)) in known[key] | {type(None)}, key


def test_one_request_brings_all_tokens_by_cap(gecko):
    rows = gecko("/coins/markets", vs_currency="usd", per_page=250).json()
    assert len(rows) == 23  # 24 take part, one is not born yet
    assert [row["market_cap_rank"] for row in rows] == sorted(row["market_cap_rank"] for row in rows)


def test_unknown_ids_are_left_out(gecko):
    rows = gecko("/coins/markets", vs_currency="usd", ids="solana, nothing-of-the-kind,bonk").json()
    assert {row["id"] for row in rows} == {"solana", "bonk"}


def test_a_category_beats_ids(gecko):
    rows = gecko("/coins/markets", vs_currency="usd", ids="bitcoin", category="solana-ecosystem").json()
    assert "solana" in {row["id"] for row in rows}
    assert "bitcoin" not in {row["id"] for row in rows}
    assert gecko("/coins/markets", vs_currency="usd", category="no-such").json() == []


def test_pages_follow_each_other(gecko):
    whole = gecko("/coins/markets", vs_currency="usd", order="id_asc").json()
    pages = [
        gecko("/coins/markets", vs_currency="usd", order="id_asc", per_page=9, page=n).json()
        for n in (1, 2, 3, 4)
    ]
    assert [row["id"] for page in pages for row in page] == [row["id"] for row in whole]
    assert pages[3] == []


def test_changes_and_sparkline_come_on_request_alone(gecko):
    asked = gecko(
        "/coins/markets",
        vs_currency="usd",
        ids="solana",
        price_change_percentage="1h,7d,5y",
        sparkline="true",
    ).json()[0]
    assert isinstance(asked["price_change_percentage_1h_in_currency"], float)
    assert isinstance(asked["price_change_percentage_7d_in_currency"], float)
    assert len(asked["sparkline_in_7d"]["price"]) == 168
    assert not any("in_currency" in key for key in gecko("/coins/markets", vs_currency="usd").json()[0])


def test_the_time_of_a_row_is_that_of_the_market(gecko):
    row = gecko("/coins/markets", vs_currency="usd", ids="solana").json()[0]
    age = NOON - datetime.fromisoformat(row["last_updated"]).astimezone(UTC)
    assert 0 <= age.total_seconds() < NEWEST


def test_a_missing_currency_is_refused_as_recorded(gecko):
    reply = gecko("/coins/markets")
    assert reply.status_code == 422
    assert reply.json() == recorded("coingecko/error_422_markets_missing_vs_currency.json")


def test_simple_price_has_what_was_asked_for(gecko):
    plain = gecko("/simple/price", ids="solana,unknown", vs_currencies="usd").json()
    assert set(plain) == {"solana"}
    assert set(plain["solana"]) == {"usd"}
    rich = gecko(
        "/simple/price",
        symbols="sol",
        vs_currencies="usd",
        include_market_cap="true",
        include_24hr_vol="true",
        include_24hr_change="true",
        include_last_updated_at="true",
    ).json()["solana"]
    assert set(rich) == {"usd", "usd_market_cap", "usd_24h_vol", "usd_24h_change", "last_updated_at"}
    assert 0 <= NOON.timestamp() - rich["last_updated_at"] < NEWEST


def test_an_unknown_currency_is_silently_absent_as_recorded(gecko):
    reply = gecko("/simple/price", ids="bitcoin", vs_currencies="ethereum")
    assert reply.json() == recorded("coingecko/simple_price_unknown_vs_currency_2021-05.json")


def test_details_have_fields_of_the_recorded_kind(gecko):
    coin, real = gecko("/coins/bonk").json(), recorded("coingecko/coins_detail_2024.json")
    assert set(coin) - set(real) <= {"has_supply_breakdown"}
    assert set(coin["links"]) == set(real["links"])
    assert set(coin["market_data"]) <= set(real["market_data"])
    assert coin["platforms"]["solana"].startswith("DezXAZ8z")
    assert coin["market_data"]["current_price"]["usd"] > 0


def test_an_unknown_coin_is_404(gecko):
    reply = gecko("/coins/nothing-of-the-kind")
    assert (reply.status_code, reply.json()) == (404, {"error": "coin not found"})
    assert gecko("/no/such/path").status_code == 404


@pytest.mark.parametrize(("days", "points"), [(1, 289), (30, 721), (90, 2161), (365, 366)])
def test_the_step_of_a_chart_follows_its_length(gecko, days, points):
    chart = gecko("/coins/solana/market_chart", vs_currency="usd", days=days).json()
    assert set(chart) == {"prices", "market_caps", "total_volumes"}
    assert abs(len(chart["prices"]) - points) <= 1
    assert all(isinstance(moment, int) and price > 0 for moment, price in chart["prices"])


def test_more_than_a_year_is_refused_without_a_plan(gecko):
    reply = gecko("/coins/solana/market_chart", vs_currency="usd", days=400)
    assert (reply.status_code, reply.json()["error"]["status"]["error_code"]) == (401, 10012)


def test_a_range_of_past_days_is_hourly(gecko):
    last = int(NOON.timestamp()) - 86_400
    chart = gecko(
        "/coins/solana/market_chart/range", vs_currency="usd", **{"from": last - 86_400, "to": last}
    ).json()
    assert 23 <= len(chart["prices"]) <= 25


def test_candles_are_stamped_by_their_end(gecko):
    rows = gecko("/coins/solana/ohlc", vs_currency="usd", days=7).json()
    real = recorded("coingecko/ohlc_bitcoin_7d_usd_2021-05.json")
    assert abs(len(rows) - len(real)) <= 1
    assert len(rows[0]) == len(real[0]) == 5
    assert rows[-1][0] <= NOON.timestamp() * 1000 < rows[-1][0] + 4 * 3600 * 1000


def test_candles_of_odd_lengths_are_refused(gecko):
    assert gecko("/coins/solana/ohlc", vs_currency="usd", days=3).status_code == 400
    reply = gecko("/coins/solana/ohlc")
    assert (reply.status_code, reply.json()) == (500, recorded("coingecko/error_500_ohlc_missing_param.json"))


def test_trending_items_have_the_recorded_fields(gecko):
    trending, real = (
        gecko("/search/trending").json(),
        recorded("coingecko/search_trending_full_shape_2024.json"),
    )
    assert set(trending) == set(real)
    item, other = trending["coins"][0]["item"], real["coins"][0]["item"]
    assert set(item) == set(other)
    assert set(item["data"]) == set(other["data"])
    assert item["score"] == 0


def test_the_list_names_every_token(gecko):
    rows = gecko("/coins/list", include_platform="true").json()
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    assert set(rows[0]) == {"id", "symbol", "name", "platforms"}


def test_an_unchanged_reply_is_304(sandbox, http):
    url = f"{sandbox.coingecko_url}/coins/markets?vs_currency=usd"
    first = http.get(url, timeout=60)
    assert "max-age" in first.headers["Cache-Control"]
    assert int(first.headers["Age"]) < NEWEST
    again = http.get(url, headers={"If-None-Match": first.headers["ETag"]}, timeout=60)
    assert (again.status_code, again.content) == (304, b"")
    sandbox.clock.move(market_at=NOON.timestamp() + 60)
    assert http.get(url, headers={"If-None-Match": first.headers["ETag"]}, timeout=60).status_code == 200
