"""Secrets at rest: bound to their row, user and column, and sealed anew when the key changes."""

import threading
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import SecondFactor, Session
from accounts.services.second_factor import SECRET
from core.lib.clock import wall_now
from core.lib.sealed_column import SealedColumn
from core.lib.sealing import CannotOpen, key_id
from khalsi.sealed import SEALED
from portfolios.services.reaching import credentials_of
from tests.make.accounts import a_user
from tests.make.exchanges import KEYS, Exchange, a_connection

pytestmark = pytest.mark.django_db
OLD, NEW = "o" * 43, "n" * 43
OWNED = SealedColumn(Session, "user_agent", purpose="test", owner="user_id")


def a_session(user, **fields):
    now = wall_now()
    return Session(id=uuid4(), user=user, created_at=now, last_used_at=now, expires_at=now, **fields)


def stored(count, secret="s3cret"):
    rows = []
    for number in range(count):
        row = SecondFactor(user=a_user(f"user{number}"), begun_at=wall_now())
        SECRET.put(row, f"{secret} {number}")
        row.save()
        rows.append(row)
    return rows


def rekey():
    call_command("rekey_credentials", verbosity=0)


def test_what_is_put_into_a_row_comes_out_of_that_row():
    session = a_session(a_user("alice"))
    OWNED.put(session, "s3cret")
    assert "s3cret" not in session.user_agent
    assert OWNED.get(session) == "s3cret"


@pytest.mark.parametrize("moved", ["row", "user", "column"])
def test_what_is_moved_to_another_row_user_or_column_does_not_open(moved):
    alice, bob = a_user("alice"), a_user("bob")
    session = a_session(alice)
    OWNED.put(session, "s3cret")
    thief = a_session(bob if moved == "user" else alice, user_agent=session.user_agent)
    thief.id = session.id if moved != "row" else thief.id
    thief.ended_because = session.user_agent
    column = SealedColumn(Session, "ended_because", purpose="test", owner="user_id")
    with pytest.raises(CannotOpen):
        (column if moved == "column" else OWNED).get(thief)


@pytest.mark.parametrize(
    "text", ["", ":", "no seal", f"{key_id(OLD)}:", f"{key_id(OLD)}:!", f"{key_id(OLD)}:abc"]
)
def test_what_is_no_seal_does_not_open(settings, text):
    settings.CREDENTIALS_KEYS = [OLD]
    with pytest.raises(CannotOpen):
        OWNED.get(a_session(a_user("alice"), user_agent=text))


def test_nothing_is_sealed_before_it_has_an_owner():
    with pytest.raises(ValueError, match="its key and its owner"):
        OWNED.put(a_session(None), "s3cret")


def test_every_sealed_column_is_listed():
    """By its name, which such columns share."""
    found = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.name.startswith("sealed_") and not field.is_relation
    }
    assert found == {(column.model, column.column) for column in SEALED}


def test_a_new_key_seals_everything_anew_and_the_old_one_can_go(settings):
    settings.CREDENTIALS_KEYS = [OLD]
    rows = stored(5)
    settings.CREDENTIALS_KEYS = [NEW, OLD]
    rekey()
    settings.CREDENTIALS_KEYS = [NEW]
    for number, row in enumerate(rows):
        row.refresh_from_db()
        assert SECRET.get(row) == f"s3cret {number}"


def test_what_was_cut_off_goes_on(settings, monkeypatch):
    settings.CREDENTIALS_KEYS = [OLD]
    stored(3)
    settings.CREDENTIALS_KEYS = [NEW, OLD]
    first = SECRET.under_other_keys().order_by("pk")[0]
    assert SECRET.seal_anew(first)
    assert SECRET.under_other_keys().count() == 2
    rekey()
    assert not SECRET.under_other_keys().exists()


def test_a_write_in_between_is_kept(settings):
    settings.CREDENTIALS_KEYS = [OLD]
    (row,) = stored(1)
    settings.CREDENTIALS_KEYS = [NEW, OLD]
    seen = SecondFactor.objects.get()
    SECRET.put(row, "another")
    row.save()
    assert not SECRET.seal_anew(seen)
    assert SECRET.get(SecondFactor.objects.get()) == "another"


def test_processes_that_still_write_with_the_old_key_are_named(settings, monkeypatch):
    settings.CREDENTIALS_KEYS = [OLD]
    stored(1)
    settings.CREDENTIALS_KEYS = [NEW, OLD]
    monkeypatch.setattr(SealedColumn, "seal_anew", lambda column, row: False)
    with pytest.raises(CommandError, match="give every process the new one first"):
        rekey()


def test_what_no_key_opens_is_named_and_the_rest_is_done(settings):
    settings.CREDENTIALS_KEYS = [OLD]
    rows = stored(3)
    SecondFactor.objects.filter(pk=rows[1].pk).update(sealed_secret=rows[0].sealed_secret)
    settings.CREDENTIALS_KEYS = [NEW, OLD]
    with pytest.raises(CommandError, match=f"accounts_secondfactor {rows[1].pk}"):
        rekey()
    assert [row.pk for row in SECRET.under_other_keys()] == [rows[1].pk]


def test_a_start_without_the_key_of_what_is_stored_is_refused_and_names_it(settings):
    settings.CREDENTIALS_KEYS = [OLD]
    stored(2)
    settings.CREDENTIALS_KEYS = [NEW]
    with pytest.raises(CommandError, match=rf"sealed with another key \(2 with key {key_id(OLD)}\)"):
        call_command("prepare")


@pytest.mark.django_db(transaction=True)
def test_reads_and_writes_go_on_while_everything_is_sealed_anew(settings):
    settings.CREDENTIALS_KEYS = [OLD]
    rows = stored(20)
    settings.CREDENTIALS_KEYS = [NEW, OLD]
    done, failures, turns = threading.Event(), [], []

    def busy(mine):
        try:
            while not done.is_set() or not turns:
                for row in mine:
                    text = SECRET.get(SecondFactor.objects.get(pk=row.pk))
                    SecondFactor.objects.filter(pk=row.pk).update(sealed_secret=SECRET.sealed(row, text))
                turns.append(1)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=busy, args=(rows[start::2],)) for start in range(2)]
    for thread in threads:
        thread.start()
    try:
        rekey()
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert failures == []
    settings.CREDENTIALS_KEYS = [NEW]
    assert [SECRET.get(SecondFactor.objects.get(pk=row.pk)) for row in rows] == [
        f"s3cret {number}" for number in range(20)
    ]


def test_keys_of_exchange_accounts_are_rotated_alone(settings, monkeypatch):
    settings.CREDENTIALS_KEYS = [OLD]
    (other,) = stored(1)
    monkeypatch.setattr("portfolios.services.reaching.open_exchange", Exchange().open)
    connection = a_connection(a_user("alice"))
    settings.CREDENTIALS_KEYS = [NEW, OLD]
    call_command("rotate_exchange_keys", verbosity=0)
    call_command("rotate_exchange_keys", verbosity=0)
    settings.CREDENTIALS_KEYS = [NEW]
    connection.refresh_from_db()
    assert credentials_of(connection) == KEYS
    assert [row.pk for row in SECRET.under_other_keys()] == [other.pk]
