"""Files of exchanges and trackers become drafts: which way, how much of what, for how much, with which fee."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from portfolios.statements.outcomes import Draft, Terms
from portfolios.statements.presets import PRESETS
from portfolios.statements.statement import open_file, statement
from tests.make.statements import SAMPLES, drafts, ignored, read, rejected

AT_TEN = datetime(2026, 1, 5, 10, tzinfo=UTC)


def told(draft: Draft) -> tuple:
    quote = (draft.quote_asset, draft.quote_quantity) if draft.quote_quantity else None
    fee = (draft.fee_asset, draft.fee_quantity) if draft.fee_quantity else None
    return draft.kind, draft.asset, draft.quantity, quote, fee


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_is_recognised_by_its_header(name):
    assert statement(open_file(SAMPLES[name].encode())).preset.name == name


def test_every_preset_says_where_its_file_is_found():
    assert all(preset.where and preset.label for preset in PRESETS.values())


def test_binance_trades_have_tickers_glued_to_amounts():
    first, second = drafts(SAMPLES["binance_trades"])
    assert told(first) == ("buy", "SOL", 2, ("USDT", 301), ("SOL", Decimal("0.002")))
    assert first.executed_at == AT_TEN
    assert told(second) == ("sell", "1INCH", 1000, ("USDT", Decimal("4000.4")), ("BNB", Decimal("0.01")))
    assert second.executed_at == datetime(2026, 1, 6, 11, 30, 5, tzinfo=UTC)
    assert first.price_usd is None, "a stablecoin is no dollar unless its owner says so"


def test_binances_ledger_joins_the_lines_of_a_second():
    found = read(SAMPLES["binance_ledger"])
    assert [told(one) for one in found if isinstance(one, Draft)] == [
        ("transfer_in", "SOL", 5, None, None),
        ("buy", "SOL", 2, ("USDT", 301), ("BNB", Decimal("0.001"))),
        ("reward", "SOL", Decimal("0.00000001"), None, None),
        ("transfer_out", "SOL", 1, None, None),
    ]
    assert ignored(found) == [7]


def test_two_trades_in_one_second_of_binances_ledger_are_not_guessed_apart():
    more = "1,2026-01-05 10:01:00,Spot,Transaction Buy,ETH,1,\n"
    found = rejected(read(SAMPLES["binance_ledger"] + more))
    assert [one.line for one in found] == [3, 4, 5, 9]
    assert "trade history" in found[0].message


def test_coinbase_below_its_prose():
    found = read(SAMPLES["coinbase"])
    buy, sale, reward, sent, converted = [one for one in found if isinstance(one, Draft)]
    assert told(buy) == ("buy", "SOL", 2, ("", 300), ("", Decimal("2.99")))
    assert (buy.price_usd, buy.fee_usd, buy.external_id) == (150, Decimal("2.99"), "coinbase:a1")
    assert told(sale) == ("sell", "SOL", 1, ("USDC", Decimal("1150.5")), ("", 1))
    assert sale.price_usd == 1151, "its worth in dollars stands beside"
    assert (reward.kind, reward.price_usd) == ("reward", 150)
    assert told(sent)[:3] == ("transfer_out", "SOL", Decimal("0.5"))
    assert sent.price_usd is None, "what it was worth that day is not what it had cost"
    assert told(converted) == ("sell", "SOL", 1, ("USDC", Decimal("149.9")), None)
    assert ignored(found) == [10]


def test_krakens_two_lines_are_one_trade():
    found = read(SAMPLES["kraken_ledgers"])
    trade, deposit, withdrawal, reward = [one for one in found if isinstance(one, Draft)]
    assert told(trade) == ("buy", "SOL", 2, ("EUR", 300), ("EUR", Decimal("0.78")))
    assert trade.price_usd is None
    assert told(deposit) == ("transfer_in", "BTC", Decimal("0.5"), None, None)
    assert told(withdrawal) == ("transfer_out", "SOL", 1, None, ("SOL", Decimal("0.01")))
    assert told(reward)[:2] == ("reward", "SOL")
    assert ignored(found) == [5]


def test_a_kraken_trade_has_the_same_id_in_both_files():
    (first, second) = drafts(SAMPLES["kraken_trades"])
    assert first.external_id == drafts(SAMPLES["kraken_ledgers"])[0].external_id == "kraken:T1"
    assert told(second) == ("sell", "BTC", Decimal("0.5"), ("", 50000), ("", 80))
    assert second.price_usd == 100_000


def test_kucoins_header_names_the_zone():
    found = read(SAMPLES["kucoin_orders"])
    (order,) = [one for one in found if isinstance(one, Draft)]
    assert told(order) == ("buy", "SOL", 2, ("USDT", 300), ("USDT", Decimal("0.3")))
    assert order.executed_at == AT_TEN and ignored(found) == [3]
    assert told(drafts(SAMPLES["kucoin_transfers"])[0]) == (
        "transfer_out", "SOL", 2, None, ("SOL", Decimal("0.01")),
    )  # fmt: skip


def test_cointrackings_three_columns_of_one_name():
    trade, reward, sent = drafts(SAMPLES["cointracking"])
    assert told(trade) == ("buy", "SOL", 2, ("", 300), ("", 1))
    assert (trade.price_usd, trade.executed_at) == (150, AT_TEN)
    assert (reward.kind, reward.note) == ("reward", "monthly")
    assert told(sent) == ("transfer_out", "SOL", 1, None, None)


def test_koinlys_template():
    trade, reward, sent, sale = drafts(SAMPLES["koinly"])
    assert told(trade) == ("buy", "SOL", 2, ("", 300), ("", 1))
    assert (reward.kind, reward.price_usd) == ("reward", 150)
    assert told(sent) == ("transfer_out", "SOL", 1, None, ("SOL", Decimal("0.01")))
    assert told(sale) == ("buy", "USDC", 150, ("SOL", 1), None)
    assert sale.price_usd == Decimal("1.003333333333333333")


def test_one_group_after_a_comma_is_not_guessed_where_commas_separate_no_columns():
    """1,500 is one and a half or fifteen hundred, by where the file was written."""
    table = SAMPLES["koinly"].replace(",", ";").replace(";2;SOL", ";1,500;SOL").replace(".", ",")
    (told,) = [one for one in rejected(read(table)) if one.column == "Received Amount" and one.line == 2]
    assert "decimal comma" in told.message and "1,500" not in told.message
    bought, *_ = drafts(table, terms=Terms(decimal_comma=True))
    assert bought.quantity == Decimal("1.5")


def test_who_takes_a_stablecoin_for_a_dollar_has_worths():
    terms = Terms(dollar_coins=frozenset({"USDT"}))
    first, _ = drafts(SAMPLES["binance_trades"], terms=terms)
    assert (first.price_usd, first.fee_usd) == (Decimal("150.5"), Decimal("0.301"))


@pytest.mark.parametrize("name", SAMPLES)
def test_reading_twice_gives_the_same_names_and_no_two_rows_one(name):
    first, second = drafts(SAMPLES[name]), drafts(SAMPLES[name], terms=Terms(decimal_comma=False))
    names = [one.external_id for one in first]
    assert names == [one.external_id for one in second]
    assert len(set(names)) == len(names) and all(0 < len(one) <= 160 for one in names)


def test_rows_that_are_alike_are_counted():
    line = SAMPLES["binance_trades"].splitlines()[1]
    twice = drafts(SAMPLES["binance_trades"] + line + "\n")
    assert len({one.external_id for one in twice}) == 3
    assert [one.external_id[-2:] for one in twice] == [":1", ":1", ":2"]
