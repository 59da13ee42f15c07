"""An import goes out as a whole, whatever stops the undo, and leaves the portfolio as it was."""

from datetime import timedelta

import pytest

from core.lib.clock import wall_now
from core.lib.errors import Conflict, NotFound
from portfolios.models import Holding, ImportBatch, Portfolio, Transaction
from portfolios.selectors.imports import import_of
from portfolios.services.importing import leasing, undoing
from portfolios.services.importing.running import start
from portfolios.services.importing.undoing import begin_undo, run_undo, undo
from portfolios.services.importing.uploading import content_of, drop
from portfolios.tasks import sweep_imports
from tests.make.accounts import a_user
from tests.make.booking import figures, worked_out_anew
from tests.make.imports import MANY, a_begun_import, a_checked_import, an_import, an_upload
from tests.make.markets import a_token
from tests.make.portfolios import a_portfolio, a_transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio() -> Portfolio:
    a_token("SOL", "solana")
    return a_portfolio(a_user())


def counts(batch: ImportBatch) -> tuple[int, int]:
    return batch.rows_new, batch.rows_booked


def a_begun_undo(portfolio: Portfolio) -> ImportBatch:
    batch = an_import(portfolio, MANY)
    return begin_undo(owner_id=portfolio.owner_id, batch_id=batch.pk, wall=wall_now())


def test_an_undone_import_leaves_the_portfolio_as_it_was(portfolio):
    a_transaction(portfolio, asset="bonk")
    first = an_import(portfolio, MANY)
    second = an_import(portfolio)
    assert undo(owner_id=portfolio.owner_id, batch_id=first.pk, wall=wall_now()) == 50
    first.refresh_from_db()
    assert first.state == "undone"
    assert set(Transaction.objects.values_list("batch_id", flat=True)) == {None, second.pk}
    assert Holding.objects.get(asset="USDC").quantity == 150
    assert Holding.objects.get(asset="solana").quantity == 0
    with pytest.raises(Conflict):
        undo(owner_id=portfolio.owner_id, batch_id=first.pk, wall=wall_now())


def test_an_undone_file_can_be_imported_again(portfolio):
    undo(owner_id=portfolio.owner_id, batch_id=an_import(portfolio).pk, wall=wall_now())
    assert counts(an_import(portfolio)) == (4, 4)


def test_only_a_file_without_rows_is_dropped(portfolio):
    done, waiting = an_import(portfolio), a_checked_import(portfolio)
    with pytest.raises(Conflict):
        drop(owner_id=portfolio.owner_id, batch_id=done.pk)
    drop(owner_id=portfolio.owner_id, batch_id=waiting.pk)
    with pytest.raises(Conflict, match="no longer kept"):
        content_of(done)


def test_an_import_is_its_owners_alone(portfolio):
    batch, bob = an_import(portfolio), a_user("bob")
    for act in (import_of, lambda who, pk: undo(owner_id=who, batch_id=pk, wall=wall_now())):
        with pytest.raises(NotFound):
            act(bob.pk, batch.pk)
    with pytest.raises(NotFound):
        portfolio.owner = bob
        an_upload(portfolio)


# By a job


@pytest.mark.parametrize("falls_at", range(11))
def test_an_undo_cut_off_anywhere_goes_on_with_what_is_left(portfolio, monkeypatch, falls_at):
    monkeypatch.setattr(undoing, "AT_ONCE", 7)
    a_transaction(portfolio, asset="solana", quantity=3)
    batch, left, real = a_begun_undo(portfolio), [falls_at], leasing.hold

    def hold(*about, **words):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        real(*about, **words)

    with monkeypatch.context() as killed:
        killed.setattr(undoing, "hold", hold)
        killed.setattr(leasing, "hold", hold)
        try:
            run_undo(batch.pk, wall=wall_now())
        except KeyboardInterrupt:
            assert Transaction.objects.count() == max(1, 51 - 7 * falls_at)
    batch.refresh_from_db()
    assert batch.state == ("undone" if falls_at == 10 else "undoing")
    run_undo(batch.pk, wall=wall_now() + 2 * leasing.LEASE)
    batch.refresh_from_db()
    assert (batch.state, batch.run.state, batch.run.progress) == ("undone", "done", 1.0)
    assert Transaction.objects.count() == 1 and Holding.objects.get(asset="solana").quantity == 3
    assert figures(portfolio) == worked_out_anew(portfolio)


def test_an_undo_tells_how_far_it_came(portfolio, monkeypatch):
    monkeypatch.setattr(undoing, "AT_ONCE", 20)
    told = []
    monkeypatch.setattr(undoing, "tell", lambda batch, share, detail: told.append((round(share, 3), detail)))
    run_undo(a_begun_undo(portfolio).pk, wall=wall_now())
    assert told[:3] == [
        (0.24, "20 of 50 rows taken out"),
        (0.48, "40 of 50 rows taken out"),
        (0.6, "50 of 50 rows taken out"),
    ]
    assert told[3:] and all(0.6 <= share <= 1 and detail == "working out lots" for share, detail in told[3:])


def test_an_undo_begins_once_and_nothing_is_imported_or_dropped_meanwhile(portfolio):
    waiting, batch = a_checked_import(portfolio), a_begun_undo(portfolio)
    about = {"owner_id": portfolio.owner_id, "batch_id": batch.pk}
    with pytest.raises(Conflict, match="being undone already"):
        begin_undo(**about, wall=wall_now())
    with pytest.raises(Conflict, match="being undone"):
        drop(**about)
    with pytest.raises(Conflict, match="is being undone"):
        start(owner_id=portfolio.owner_id, batch_id=waiting.pk, probable=False, wall=wall_now())
    run_undo(batch.pk, wall=wall_now())
    start(owner_id=portfolio.owner_id, batch_id=waiting.pk, probable=False, wall=wall_now())


def test_nothing_is_undone_while_another_file_comes_in(portfolio):
    done = an_import(portfolio, MANY)
    a_begun_import(portfolio)
    with pytest.raises(Conflict, match="Another file is being imported"):
        begin_undo(owner_id=portfolio.owner_id, batch_id=done.pk, wall=wall_now())


def test_two_workers_on_one_undo_are_one(portfolio):
    batch = a_begun_undo(portfolio)
    assert leasing.take(batch.pk, ImportBatch.State.UNDOING, wall_now()) is not None
    run_undo(batch.pk, wall=wall_now())
    assert Transaction.objects.count() == 50


def test_an_undo_whose_message_was_lost_is_taken_up_by_the_sweep(
    portfolio, settings, django_capture_on_commit_callbacks
):
    settings.CELERY_TASK_ALWAYS_EAGER = True
    batch = a_begun_undo(portfolio)
    ImportBatch.objects.filter(pk=batch.pk).update(changed_at=wall_now() - timedelta(hours=1))
    with django_capture_on_commit_callbacks(execute=True):
        sweep_imports()
    batch.refresh_from_db()
    assert batch.state == "undone" and not Transaction.objects.exists()


def test_an_undo_that_fails_again_and_again_is_given_up_and_may_be_asked_again(portfolio, monkeypatch):
    batch = a_begun_undo(portfolio)
    with monkeypatch.context() as broken:
        broken.setattr(undoing, "delete_many", lambda **_: 1 / 0)
        for _ in range(leasing.MOST_ATTEMPTS):
            with pytest.raises(ZeroDivisionError):
                run_undo(batch.pk, wall=wall_now())
        run_undo(batch.pk, wall=wall_now())
    batch.refresh_from_db()
    assert (batch.state, batch.rows_booked, batch.run.state) == ("done", 50, "failed")
    assert "Not undone yet" in batch.failure and "Try again" in batch.failure
    assert undo(owner_id=portfolio.owner_id, batch_id=batch.pk, wall=wall_now()) == 50


def test_what_cannot_be_undone_at_once_stays_as_it_was(portfolio, monkeypatch):
    batch = an_import(portfolio)

    def refused(**_):
        raise Conflict("The market closed.")

    monkeypatch.setattr(undoing, "delete_many", refused)
    with pytest.raises(Conflict, match="The market closed"):
        undo(owner_id=portfolio.owner_id, batch_id=batch.pk, wall=wall_now())
    batch.refresh_from_db()
    assert (batch.state, batch.failure) == ("done", "")
