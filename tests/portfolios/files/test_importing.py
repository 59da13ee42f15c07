"""A file goes into a portfolio once, whole, and out again: whatever stops it, however often it is sent."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.lib.clock import wall_now
from core.lib.errors import BadInput, Conflict
from portfolios.models import Holding, ImportBatch, Transaction
from portfolios.selectors.imports import exported, rejected_lines
from portfolios.services.importing import leasing, running
from portfolios.services.importing.checking import check
from portfolios.services.importing.running import run_import, start
from portfolios.services.importing.terms import Wanted
from portfolios.services.importing.undoing import undo
from portfolios.services.importing.uploading import MOST_WAITING, ask_again
from portfolios.statements.writing import transaction_lines
from portfolios.tasks import sweep_imports
from tests.make.accounts import a_user
from tests.make.imports import MANY, a_begun_import, a_checked_import, an_import, an_upload
from tests.make.markets import a_token
from tests.make.portfolios import a_portfolio, a_transaction
from tests.make.statements import BINANCE_TRADES, KOINLY

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio():
    a_token("SOL", "solana")
    return a_portfolio(a_user())


def counts(batch: ImportBatch) -> dict[str, int]:
    names = ("new", "known", "probable", "ignored", "rejected", "booked")
    return {name: count for name in names if (count := getattr(batch, f"rows_{name}"))}


def kept(text: str) -> list[list[str]]:
    """All but the ids."""
    return sorted(line.split(",")[1:12] for line in text.splitlines())


def run_again(batch: ImportBatch) -> ImportBatch:
    run_import(batch.pk, now=wall_now(), wall=wall_now() + 2 * leasing.LEASE)
    batch.refresh_from_db()
    return batch


# The dry run


def test_a_check_counts_and_books_nothing(portfolio):
    batch = a_checked_import(portfolio, KOINLY + "2026-13-01,1,SOL,,,,,,,,,\n")
    assert (batch.state, batch.preset, counts(batch)) == ("ready", "koinly", {"new": 4, "rejected": 1})
    assert batch.preview["unknown"] == [["USDC", 1]]
    assert batch.preview["assets"] == {"SOL": "solana"}
    assert batch.preview["first"][0]["asset"] == "solana"
    assert not Transaction.objects.exists()


def test_rejected_rows_come_back_with_their_cells_and_reasons(portfolio):
    bad = "2026-01-05 10:00 UTC,1,SOL,2,SOL2,20000000000000000000,SOL,,,,=note,h\n"
    batch = a_checked_import(portfolio, KOINLY + "2026-13-01,1,SOL,,,,,,,,,\n" + bad)
    first, second = rejected_lines(batch)
    assert first[:4] == [6, "Date", first[2], "2026-13-01"] and "no such day" in first[2]
    assert second[0] == 7 and "fee" in second[2] and second[-2] == "=note"


def test_a_file_of_no_known_kind_waits_for_its_columns(portfolio):
    batch = a_checked_import(portfolio, "when,coin,much\n2026-01-05,SOL,2\n")
    assert (batch.state, batch.preset) == ("ready", "")
    with pytest.raises(Conflict, match="which column"):
        start(owner_id=portfolio.owner_id, batch_id=batch.pk, probable=False, wall=wall_now())
    columns = {"executed_at": "when", "asset": "coin", "quantity": "much"}
    wanted = Wanted(preset="own", columns=columns, kind="airdrop")
    ask_again(owner_id=portfolio.owner_id, batch_id=batch.pk, wanted=wanted, wall=wall_now())
    check(batch.pk, now=wall_now(), wall=wall_now())
    batch.refresh_from_db()
    assert counts(batch) == {"new": 1}


def test_terms_that_are_none_are_refused_and_the_batch_stays(portfolio):
    batch = a_checked_import(portfolio)
    about = {"owner_id": portfolio.owner_id, "batch_id": batch.pk, "wall": wall_now()}
    for wanted in (
        Wanted(zone="Nowhere/Here"),
        Wanted(zone="../etc"),
        Wanted(preset="coinbase"),
        Wanted(preset="own", columns={"asset": "x"}),
    ):
        with pytest.raises(BadInput):
            ask_again(wanted=wanted, **about)
    batch.refresh_from_db()
    assert batch.state == "ready"


def test_files_that_wait_make_way_for_newer_ones(portfolio):
    for _ in range(MOST_WAITING + 2):
        an_upload(portfolio)
    assert portfolio.imports.count() == MOST_WAITING


# The run


def test_an_import_books_rows_and_lots(portfolio):
    batch = an_import(portfolio)
    assert (batch.state, counts(batch), bytes(batch.content)) == ("done", {"new": 4, "booked": 4}, b"")
    assert batch.run.state == "done" and batch.run.owner == portfolio.owner_id
    rows = Transaction.objects.filter(batch=batch, origin="file")
    assert rows.count() == 4
    solana = Holding.objects.get(asset="solana")
    assert (solana.quantity, solana.short) == (0, 0)  # 2 and 0.01 came, 1.01 and 1 went
    assert Holding.objects.get(asset="USDC").quantity == 150


def test_importing_twice_doubles_nothing(portfolio):
    an_import(portfolio)
    again = an_import(portfolio)
    assert counts(again) == {"known": 4}
    assert Transaction.objects.count() == 4


def test_a_longer_export_brings_only_what_is_new(portfolio):
    an_import(portfolio)
    more = an_import(portfolio, KOINLY + "2026-02-05 10:00 UTC,30,USD,1,SOL,,,,,,,h9\n")
    assert counts(more) == {"new": 1, "known": 4, "booked": 1}


def test_a_row_of_the_same_name_twice_in_a_file_counts_once(portfolio):
    text = "ID,Date,Sent Amount,Sent Currency,Received Amount,Received Currency\n"
    batch = an_import(portfolio, text + "a,2026-01-05,1,USD,1,SOL\n" * 2)
    assert counts(batch) == {"new": 1, "known": 1, "booked": 1}


def test_rows_that_are_probably_there_are_left_to_their_owner(portfolio):
    """Entered by hand half a second apart: one likeness each."""
    at = wall_now().replace(year=2026, month=1, day=5, hour=10, minute=0, second=0, microsecond=500_000)
    a_transaction(portfolio, executed_at=at, quantity=Decimal("2.0"), origin="exchange", external_id="x1")
    twin = KOINLY + "2026-01-05 10:00:01 UTC,300,USD,2,SOL,1,USD,,,,,twin\n"
    batch = an_import(portfolio, twin)
    assert counts(batch) == {"new": 4, "probable": 1, "booked": 4}
    both = an_import(portfolio, twin, probable=True)
    assert counts(both) == {"new": 1, "known": 4, "booked": 1}


def test_likeness_wants_the_same_kind_asset_amount_and_second(portfolio):
    at = wall_now().replace(year=2026, month=1, day=5, hour=10, minute=0, second=0, microsecond=0)
    a_transaction(portfolio, executed_at=at, kind="sell", quantity=2)
    a_transaction(portfolio, executed_at=at, asset="bonk", quantity=2)
    a_transaction(portfolio, executed_at=at, quantity=3)
    a_transaction(portfolio, executed_at=at + timedelta(seconds=2), quantity=2)
    assert counts(a_checked_import(portfolio)) == {"new": 4}


def test_the_owners_word_makes_stablecoins_dollars(portfolio):
    assert a_checked_import(portfolio, BINANCE_TRADES).preview["without_worth"] == 2
    an_import(portfolio, BINANCE_TRADES, dollar_coins=True)
    assert sorted(Transaction.objects.values_list("price_usd", flat=True)) == [
        Decimal("0.40004") * 10,
        Decimal("150.5"),
    ]


def test_an_export_goes_into_another_portfolio_and_back_into_its_own_without_doubling(portfolio):
    an_import(portfolio)
    a_transaction(portfolio, note="=1+1", fee_quantity=Decimal("0.5"), fee_usd=Decimal("0.5"))
    text = "".join(transaction_lines(exported(portfolio.pk)))
    assert counts(a_checked_import(portfolio, text)) == {"known": 5}
    other = a_portfolio(portfolio.owner, name="Other")
    an_import(other, text)
    again = "".join(transaction_lines(exported(other.pk)))
    assert kept(again) == kept(text)


# Cut off


@pytest.mark.parametrize("falls_at", range(12))
def test_cut_off_anywhere_and_begun_again_it_neither_loses_nor_doubles(portfolio, monkeypatch, falls_at):
    monkeypatch.setattr(running, "AT_ONCE", 7)
    batch = a_begun_import(portfolio, MANY)
    left = [falls_at]
    real = running.hold

    def hold(*about, **words):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        real(*about, **words)

    with monkeypatch.context() as killed:
        killed.setattr(running, "hold", hold)
        killed.setattr(leasing, "hold", hold)
        try:
            run_import(batch.pk, now=wall_now(), wall=wall_now())
        except KeyboardInterrupt:
            assert Transaction.objects.count() < 50 or falls_at > 7
    batch = run_again(batch)
    assert (batch.state, batch.rows_booked) == ("done", 50)
    assert Transaction.objects.count() == 50
    assert Holding.objects.get(asset="solana").quantity == 50


def test_two_workers_on_one_file_are_one(portfolio):
    batch = a_begun_import(portfolio)
    assert leasing.take(batch.pk, ImportBatch.State.RUNNING, wall_now()) is not None
    run_import(batch.pk, now=wall_now(), wall=wall_now())
    assert not Transaction.objects.exists()


def test_who_lost_the_lease_stores_nothing_more(portfolio, monkeypatch):
    batch = a_begun_import(portfolio)

    def stolen(*_, **__):
        ImportBatch.objects.update(lease_until=wall_now() + timedelta(hours=1))
        return real(*_, **__)

    real = running.sorted_out
    monkeypatch.setattr(running, "sorted_out", stolen)
    run_import(batch.pk, now=wall_now(), wall=wall_now())
    assert not Transaction.objects.exists()
    batch.refresh_from_db()
    assert batch.state == "running"


def test_the_sweep_takes_up_what_was_left_and_forgets_what_nobody_wanted(portfolio, settings):
    settings.CELERY_TASK_ALWAYS_EAGER = True
    left = a_begun_import(portfolio)
    waiting, old = a_checked_import(portfolio), a_checked_import(portfolio)
    ImportBatch.objects.filter(pk=left.pk).update(changed_at=wall_now() - timedelta(hours=1))
    ImportBatch.objects.filter(pk=old.pk).update(changed_at=wall_now() - timedelta(days=8))
    assert leasing.left_behind(wall_now()) == [(left.pk, "running")]
    sweep_imports()
    assert set(ImportBatch.objects.values_list("pk", flat=True)) == {left.pk, waiting.pk}


def test_what_fails_again_and_again_is_given_up(portfolio, monkeypatch):
    batch = a_begun_import(portfolio)
    monkeypatch.setattr(running, "sorted_out", lambda *_, **__: 1 / 0)
    for _ in range(leasing.MOST_ATTEMPTS):
        with pytest.raises(ZeroDivisionError):
            run_import(batch.pk, now=wall_now(), wall=wall_now())
    run_import(batch.pk, now=wall_now(), wall=wall_now())
    batch.refresh_from_db()
    assert batch.state == "failed" and "Try again" in batch.failure
    assert batch.run.state == "failed"
    monkeypatch.undo()
    start(owner_id=portfolio.owner_id, batch_id=batch.pk, probable=False, wall=wall_now())
    run_import(batch.pk, now=wall_now(), wall=wall_now())
    assert Transaction.objects.count() == 4


def test_what_a_failed_import_brought_is_kept_until_it_is_undone(portfolio, monkeypatch):
    batch, real = a_begun_import(portfolio, MANY), running.record_many
    monkeypatch.setattr(running, "AT_ONCE", 20)
    calls = iter([real, real])

    def record_many(**about):
        found = next(calls, None)
        if found is None:
            raise Conflict("The market closed.")
        return found(**about)

    monkeypatch.setattr(running, "record_many", record_many)
    run_import(batch.pk, now=wall_now(), wall=wall_now())
    batch.refresh_from_db()
    assert (batch.state, batch.failure, batch.rows_booked) == ("failed", "The market closed.", 40)
    assert leasing.forget_old(wall_now() + timedelta(days=30)) == 0
    assert undo(owner_id=portfolio.owner_id, batch_id=batch.pk, wall=wall_now()) == 40


def test_an_import_begins_once(portfolio):
    batch = a_begun_import(portfolio)
    with pytest.raises(Conflict):
        start(owner_id=portfolio.owner_id, batch_id=batch.pk, probable=False, wall=wall_now())
