"""The import on pages: every step works without script, says what comes next, and is its owner's alone."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.lib.clock import wall_now
from portfolios.models import ImportBatch, Portfolio, Transaction
from portfolios.services.importing.running import run_import
from portfolios.services.importing.undoing import run_undo
from tests.make.accounts import a_user
from tests.make.imports import a_begun_import, a_checked_import, an_import, an_upload
from tests.make.markets import a_token
from tests.make.portfolios import a_portfolio, a_transaction
from tests.make.statements import BINANCE_TRADES, KOINLY
from tests.pages.conftest import Visit, at_noon, visit  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db
USUAL = {"zone": "UTC", "date_order": "auto"}


@pytest.fixture
def portfolio(client: Client) -> Portfolio:
    a_token("SOL", "solana")
    alice = a_user()
    client.force_login(alice)
    return a_portfolio(alice)


@pytest.fixture
def path(portfolio: Portfolio) -> str:
    return f"/portfolios/{portfolio.pk}/import"


def place(batch: ImportBatch) -> str:
    return f"/portfolios/{batch.portfolio_id}/imports/{batch.pk}"


def send(client: Client, path: str, text: str | bytes = KOINLY, **said: str):
    data = text.encode() if isinstance(text, str) else text
    return client.post(path, {**USUAL, "file": SimpleUploadedFile("x.csv", data), **said})


def test_from_a_file_to_transactions(client: Client, visit: Visit, portfolio: Portfolio, path: str):  # noqa: F811
    assert visit(path).one("form", enctype="multipart/form-data")
    step = send(client, path)
    assert step.status_code == 302
    seen = visit(step["Location"])
    assert "Koinly, read as UTF-8" in seen.text and "SOL → solana" in seen.text
    assert "No known token: USDC (1)" in seen.text
    assert len(list(seen.one("tbody").all("tr"))) == 4
    assert "3. Import 4 rows" in seen.text and not Transaction.objects.exists()
    client.post(f"{step['Location']}/act", {"do": "import"})
    done = visit(step["Location"])
    assert "Imported" in done.text and "imported 4" in done.text
    assert Transaction.objects.count() == 4
    assert "Koinly" in visit(path).text


def test_a_file_of_no_known_kind_asks_for_its_columns(client: Client, visit: Visit, path: str):  # noqa: F811
    step = send(client, path, "when,coin,much\n2026-01-05,SOL,2\n")["Location"]
    page = visit(step)
    assert "Say which column is what" in page.text
    said = {"column_executed_at": "when", "column_asset": "coin", "column_quantity": "much", **USUAL}
    page = client.post(step, said).content.decode()
    assert "Choose the column that says what a row is" in page
    client.post(step, {**said, "every_row": "airdrop"})
    assert "Your own columns" in visit(step).text
    client.post(f"{step}/act", {"do": "import"})
    assert Transaction.objects.get().kind == "airdrop"


def test_it_can_be_read_otherwise(client: Client, visit: Visit, portfolio: Portfolio):  # noqa: F811
    batch = a_checked_import(portfolio, BINANCE_TRADES)
    assert "2 new rows without a worth in dollars" in visit(place(batch)).text
    client.post(place(batch), {**USUAL, "preset": "binance_trades", "dollar_coins": "on"})
    assert "without a worth" not in visit(place(batch)).text
    refused = client.post(place(batch), {**USUAL, "preset": "coinbase"}).content.decode()
    assert "are not those of Coinbase" in refused


@pytest.mark.parametrize(
    ("text", "words"),
    [(b"", "The file is empty"), (b"PK\x03\x04zip", "This is no CSV file"), (b"one\n", "one column only")],
)
def test_what_is_no_table_is_refused_beside_its_field(client: Client, path: str, text: bytes, words: str):
    page = send(client, path, text)
    assert page.status_code == 200 and words in page.content.decode()
    assert not ImportBatch.objects.exists()


def test_a_file_too_large_is_refused(client: Client, path: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("portfolios.pages.import_forms.MOST_BYTES", 10)
    assert "larger than" in send(client, path).content.decode()


def test_rejected_rows_are_told_and_can_be_taken_home(client: Client, visit: Visit, portfolio: Portfolio):  # noqa: F811
    batch = a_checked_import(portfolio, KOINLY + "2026-13-01,1,SOL,,,,,,,,=cmd,\n")
    assert "Line 6, Date: There is no such day or time." in visit(place(batch)).text
    reply = client.get(f"{place(batch)}/rejected.csv")
    header, line = b"".join(reply.streaming_content).decode().splitlines()
    assert header.startswith("line,column at fault,reason,Date,Sent Amount")
    assert line.startswith("6,Date,") and line.endswith(",'=cmd,")


def test_rows_probably_there_wait_for_the_owners_word(client: Client, visit: Visit, portfolio: Portfolio):  # noqa: F811
    at = a_checked_import(portfolio).preview["first"][0]["executed_at"]
    a_transaction(portfolio, executed_at=at, quantity=2)
    batch = a_checked_import(portfolio)
    page = visit(place(batch))
    assert "1 row probably there already" in page.text and "Import these, too" in page.text
    client.post(f"{place(batch)}/act", {"do": "import", "probable": "on"})
    assert Transaction.objects.filter(batch=batch).count() == 4


def test_an_import_under_way_shows_how_far_it_came(client: Client, visit: Visit, portfolio: Portfolio):  # noqa: F811
    batch = a_begun_import(portfolio)
    page = visit(place(batch))
    assert page.one("progress").attributes["value"] == "0.000" and page.one("meta", http_equiv="refresh")
    part = visit(place(batch), **{"HX-Request": "true"})
    assert not list(part.all("nav")) and part.one("progress")
    run_import(batch.pk, now=wall_now(), wall=wall_now())
    ended = client.get(place(batch), headers={"HX-Request": "true"})
    assert (ended["HX-Refresh"], ended.content) == ("true", b"")
    checking = an_upload(portfolio)
    assert "value" not in visit(place(checking)).one("progress").attributes


def test_undoing_asks_once_more(client: Client, visit: Visit, portfolio: Portfolio, path: str):  # noqa: F811
    batch = an_import(portfolio)
    asked = visit(f"{place(batch)}/undo")
    assert "brought 4 transactions" in asked.text
    client.post(f"{place(batch)}/act", {"do": "undo"})
    assert not Transaction.objects.exists()
    assert "Undone" in visit(place(batch)).text
    client.post(f"{place(batch)}/act", {"do": "drop"})
    assert "None yet." in visit(path).text


def test_an_undo_under_way_shows_how_far_it_came(
    client: Client,
    visit: Visit,  # noqa: F811
    portfolio: Portfolio,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("portfolios.tasks.AT_ONCE_ROWS", 3)
    batch = an_import(portfolio)
    client.post(f"{place(batch)}/act", {"do": "undo"})
    page = visit(place(batch))
    assert "The undo has begun" in page.text and "The import is being undone" in page.text
    assert page.one("progress").attributes["value"] == "0.000"
    assert client.get(f"{place(batch)}/undo")["Location"] == place(batch)
    client.post(f"{place(batch)}/act", {"do": "undo"})
    assert "is being undone already" in visit(place(batch)).text
    run_undo(batch.pk, wall=wall_now())
    assert "Undone" in visit(place(batch)).text and not Transaction.objects.exists()


def test_the_export_is_a_file(client: Client, portfolio: Portfolio):
    a_transaction(portfolio)
    reply = client.get(f"/portfolios/{portfolio.pk}/export.csv")
    assert reply["Content-Disposition"] == 'attachment; filename="khalsi-transactions.csv"'
    assert len(b"".join(reply.streaming_content).decode().splitlines()) == 2


def test_a_strangers_import_is_not_there(client: Client, portfolio: Portfolio, path: str):
    batch = an_import(portfolio)
    client.force_login(a_user("bob"))
    for page in (path, place(batch), f"{place(batch)}/undo", f"{place(batch)}/rejected.csv"):
        assert client.get(page).status_code == 404
    assert client.get(f"/portfolios/{portfolio.pk}/export.csv").status_code == 404
    assert client.post(f"{place(batch)}/act", {"do": "undo"}).status_code == 404
    assert send(client, path).status_code == 404
    assert Transaction.objects.count() == 4
