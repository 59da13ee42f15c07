"""Files over the API: in any of three dresses, once however often they are sent, and out again as they came."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.lib.clock import wall_now
from khalsi.routing import FILES
from portfolios.models import ImportBatch, Transaction
from portfolios.services.importing.undoing import run_undo
from portfolios.statements import reading
from tests.make.accounts import a_user, bearer
from tests.make.imports import a_checked_import, an_import
from tests.make.portfolios import a_portfolio, a_transaction
from tests.make.statements import BINANCE_TRADES, KOINLY

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio():
    return a_portfolio(a_user())


@pytest.fixture
def path(portfolio):
    return f"/api/v1/portfolios/{portfolio.pk}"


@pytest.fixture
def alice(portfolio, client: Client):
    headers = bearer(portfolio.owner)

    def ask(method: str, path: str, *about, status: int, key: str = "", **more):
        said = headers | ({"Idempotency-Key": key} if key else {})
        reply = getattr(client, method)(path, *about, headers=said, **more)
        assert reply.status_code == status, reply.content
        return reply

    return ask


def data(reply):
    return reply.json()["data"]


def csv_body(text: str | bytes = KOINLY) -> dict:
    return {"data": text, "content_type": "text/csv"}


def test_a_file_is_imported_and_its_rejected_rows_are_told(alice, path):
    bad = KOINLY + "2026-13-01,1,SOL,,,,,,,,,\n"
    told = data(alice("post", f"{path}/import", status=201, **csv_body(bad)))
    assert (told["state"], told["preset"], told["encoding"]) == ("done", "koinly", "UTF-8")
    assert told["rows"] == {"new": 4, "known": 0, "probable": 0, "ignored": 0, "rejected": 1, "booked": 4}
    (row,) = told["row_errors"]
    assert (row["line"], row["column"]) == (6, "Date") and "no such day" in row["message"]
    assert Transaction.objects.count() == 4


def test_a_dry_run_tells_the_same_and_imports_nothing(alice, path):
    told = data(alice("post", f"{path}/import?dry_run=true", status=200, **csv_body()))
    assert (told["state"], told["rows"]["new"], told["unknown_assets"]) == ("ready", 4, ["SOL", "USDC"])
    assert not Transaction.objects.exists()


def test_a_form_and_json_take_the_same_file(alice, path):
    file = SimpleUploadedFile("../../etc/passwd.exe", BINANCE_TRADES.encode(), "image/png")
    told = data(alice("post", f"{path}/import", {"file": file, "dollar_coins": "true"}, status=201))
    assert (told["rows"]["booked"], told["without_worth"]) == (2, 0)
    again = {"csv": BINANCE_TRADES, "dollar_coins": True}
    told = data(alice("post", f"{path}/import", again, status=201, content_type="application/json"))
    assert (told["rows"]["booked"], told["rows"]["known"]) == (0, 2)


def test_own_columns_in_a_query(alice, path):
    columns = json.dumps({"executed_at": "when", "asset": "coin", "quantity": "much"})
    about = {"preset": "own", "columns": columns, "kind": "airdrop", "zone": "Asia/Tokyo"}
    query = "&".join(f"{name}={value}" for name, value in about.items())
    alice(
        "post", f"{path}/import?{query}", status=201, **csv_body("when,coin,much\n2026-01-05 09:00,SOL,2\n")
    )
    row = Transaction.objects.get()
    assert (row.kind, row.executed_at.hour, row.origin) == ("airdrop", 0, "file")


def test_the_same_key_repeats_the_first_reply_and_another_key_doubles_nothing(alice, path):
    first = alice("post", f"{path}/import", status=201, key="one", **csv_body())
    assert alice("post", f"{path}/import", status=201, key="one", **csv_body()).content == first.content
    alice("post", f"{path}/import", status=409, key="one", **csv_body(BINANCE_TRADES))
    assert data(alice("post", f"{path}/import", status=201, key="two", **csv_body()))["rows"]["known"] == 4
    assert Transaction.objects.count() == 4


@pytest.mark.parametrize("key", ["", "one"])
def test_a_file_may_be_larger_than_other_bodies(alice, path, key, settings):
    rows = "".join(f"2026-01-05 10:00,{n + 1},USD,1,SOL\n" for n in range(12_000))
    text = "Date,Sent Amount,Sent Currency,Received Amount,Received Currency\n" + rows
    assert len(text) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    told = data(alice("post", f"{path}/import", status=202, key=key, **csv_body(text)))
    assert (told["state"], told["rows"]["booked"]) == ("running", 0)
    assert data(alice("get", f"/api/v1/jobs/{told['job_id']}", status=200))["state"] == "running"
    told = data(alice("post", f"{path}/import?dry_run=true", status=202, **csv_body(text)))
    assert told["state"] == "checking"


@pytest.mark.parametrize("dress", ["csv", "form"])
@pytest.mark.parametrize("key", ["", "one"])
def test_a_file_that_is_too_large_is_413(alice, path, monkeypatch, dress, key):
    for name in ("portfolios.api.file_parsers", "portfolios.api.files"):
        monkeypatch.setattr(f"{name}.MOST_BODY", 1000)
    monkeypatch.setattr(reading, "MOST_BYTES", 900)
    text = b"a,b\n" * 400
    sent = csv_body(text) if dress == "csv" else {"data": {"file": SimpleUploadedFile("a", text)}}
    refused = alice("post", f"{path}/import", status=413, key=key, **sent)
    assert refused.json()["error"]["code"] == "PAYLOAD_TOO_LARGE"


@pytest.mark.parametrize(
    ("query", "text", "field"),
    [
        ("", "", "file"),
        ("", "one\n", "file"),
        ("", "a,b\n1,2\n", "preset"),
        ("preset=nobody", KOINLY, "preset"),
        ("preset=coinbase", KOINLY, "preset"),
        ("preset=own&columns=[1]", KOINLY, "columns"),
        ('preset=own&columns={"asset":"x"}', KOINLY, "executed_at"),
        ("zone=Mars/Base", KOINLY, "zone"),
        ("dry_run=perhaps", KOINLY, "dry_run"),
    ],
)
def test_what_cannot_be_taken_is_400_at_its_field_and_nothing_is_kept(alice, path, query, text, field):
    error = alice("post", f"{path}/import?{query}", status=400, **csv_body(text)).json()["error"]
    assert field in {one["field"] for one in error["details"]}
    assert not ImportBatch.objects.exists() and not Transaction.objects.exists()


def test_a_form_without_a_file_and_other_types_are_refused(alice, path):
    alice("post", f"{path}/import", {"file": "text"}, status=400)
    alice("post", f"{path}/import", status=415, data="x", content_type="application/vnd.ms-excel")


def test_imports_are_listed_and_undone(alice, path, portfolio):
    done, waiting = an_import(portfolio), a_checked_import(portfolio)
    listed = data(alice("get", f"{path}/imports", status=200))
    assert [one["id"] for one in listed] == [str(waiting.pk), str(done.pk)]
    for batch in (done, waiting):
        alice("delete", f"{path}/imports/{batch.pk}", status=204)
    assert not Transaction.objects.exists()
    assert data(alice("get", f"{path}/imports/{done.pk}", status=200))["state"] == "undone"
    alice("get", f"{path}/imports/{waiting.pk}", status=404)


def test_an_import_of_many_rows_is_undone_by_a_job(alice, path, portfolio, monkeypatch):
    monkeypatch.setattr("portfolios.tasks.AT_ONCE_ROWS", 3)
    batch = an_import(portfolio)
    told = data(alice("delete", f"{path}/imports/{batch.pk}", status=202))
    assert (told["state"], told["rows"]["booked"]) == ("undoing", 4)
    assert data(alice("get", f"/api/v1/jobs/{told['job_id']}", status=200))["state"] == "running"
    again = alice("delete", f"{path}/imports/{batch.pk}", status=409)
    assert "being undone" in again.json()["error"]["message"]
    alice("post", f"{path}/import", status=409, **csv_body(BINANCE_TRADES))
    run_undo(batch.pk, wall=wall_now())
    assert data(alice("get", f"{path}/imports/{batch.pk}", status=200))["state"] == "undone"
    assert not Transaction.objects.exists()


def test_what_a_failed_import_brought_is_undone(alice, path, portfolio):
    batch = an_import(portfolio)
    ImportBatch.objects.update(state="failed")
    alice("delete", f"{path}/imports/{batch.pk}", status=204)
    assert not Transaction.objects.exists()


def test_an_export_streams_every_transaction(alice, path, portfolio):
    a_transaction(portfolio, note="=HYPERLINK(1)", external_id="-1")
    reply = alice("get", f"{path}/export.csv", status=200)
    assert reply.streaming and reply["Content-Type"] == "text/csv; charset=utf-8"
    assert (reply["Cache-Control"], reply["Content-Disposition"]) == (
        "no-store",
        'attachment; filename="khalsi-transactions.csv"',
    )
    header, line = b"".join(reply.streaming_content).decode().splitlines()
    assert header.startswith("id,executed_at,kind")
    assert ",'=HYPERLINK(1)," in line and line.endswith(",'-1")


def test_embedded_only_paths_that_take_files_take_large_ones():
    assert FILES[0].fullmatch("/api/v1/portfolios/6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a/import")
    assert FILES[0].fullmatch("/portfolios/6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a/import")
    assert not FILES[0].fullmatch("/api/v1/portfolios/6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a/imports")
    assert FILES[1] > reading.MOST_BYTES
