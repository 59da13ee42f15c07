"""Every run and every scoring adds one link, in the transaction that stores its rows: no hole, no fork."""

import threading
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import IntegrityError, connection, transaction

from predictions.models import Forecast, Outcome, RecordLink
from predictions.record import written
from predictions.selectors.written_rows import rows_between
from predictions.services import chain
from predictions.services.forecasting import make_forecasts
from predictions.services.scoring import score_matured
from tests.make.markets import NOON, a_token, candles
from tests.make.predictions import a_forecast, an_outcome, with_history

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=30)
HOUR = timedelta(hours=1)
Kind = RecordLink.Kind


def links():
    return list(RecordLink.objects.order_by("position"))


def a_record():
    """Forecasts at noon of every timeframe, and the outcomes that came within a quarter of an hour."""
    token = with_history(a_token())
    make_forecasts(NOON, NOON + SOON)
    candles(token, 900, [101.0], NOON + HOUR / 4)
    assert score_matured(NOON + HOUR / 4) == 2
    return token


def test_each_run_and_each_scoring_is_one_link():
    a_record()
    assert [link.position for link in links()] == list(range(1, 9))
    assert [link.kind for link in links()] == [Kind.FORECASTS] * 7 + [Kind.OUTCOMES]
    assert {row.link.timeframe for row in Forecast.objects.all()} == set(
        Forecast.objects.values_list("timeframe", flat=True)
    )
    assert Forecast.objects.filter(link=None).count() == 0
    assert sum(link.rows for link in links()[:7]) == Forecast.objects.count()
    assert {row.link.position for row in Outcome.objects.all()} == {8}


def test_each_link_holds_on_to_the_one_before():
    a_record()
    heads = ["", *(link.head for link in links())]
    assert [link.previous for link in links()] == heads[:-1]
    assert len(set(heads)) == 9


def test_a_content_is_what_anyone_can_digest():
    a_record()
    for link in links():
        text = "".join(
            f"{line}\n" for line in written.text(link.kind, rows_between(link.pk, link.pk)[link.pk])
        )
        assert sha256(text.encode()).hexdigest() == link.content
        said = f"khalsi-record 1\n{link.previous}\n{link.position}\n{link.kind}\n{link.timeframe}\n"
        times = "\n".join(f"{at:%Y-%m-%dT%H:%M:%S.%fZ}" for at in (link.moment, link.linked_at))
        assert sha256(f"{said}{times}\n{link.rows}\n{link.content}".encode()).hexdigest() == link.head


def test_a_run_that_adds_nothing_adds_no_link():
    a_record()
    make_forecasts(NOON, NOON + 2 * SOON)
    score_matured(NOON + HOUR / 4 + SOON)
    assert len(links()) == 8


def test_what_a_run_adds_later_is_a_link_of_its_own():
    with_history(a_token("SOL"))
    late = a_token("BONK")
    make_forecasts(NOON, NOON + SOON, ["1h"])
    with_history(late)
    make_forecasts(NOON, NOON + 2 * SOON, ["1h"])
    assert [set(link.forecasts.values_list("token__symbol", flat=True)) for link in links()] == [
        {"SOL"},
        {"BONK"},
    ]


def test_a_run_that_fails_leaves_no_link():
    with_history(a_token())
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make_forecasts(NOON, NOON + SOON, ["1h"])
        raise ZeroDivisionError
    assert links() == []


def test_the_order_in_which_rows_come_does_not_matter():
    rows = [written.Row("forecast", (name, "1h", NOON, "rules", "1"), (1, 0.5)) for name in ("b", "a", "c")]
    one, other = (written.content_of("forecasts", those) for those in (rows, rows[::-1]))
    assert (one.hex, one.row_digests) == (other.hex, other.row_digests)


def test_every_field_of_a_row_is_written_down():
    """A field that is added later must join the written form, or be named here with the reason."""
    elsewhere = {
        "id",
        "link",
        "token",
        "engine_version",
        "forecast",
    }  # the row's own number, its name, its link
    for model, names in ((Forecast, written.FORECAST), (Outcome, written.OUTCOME)):
        fields = {field.name for field in model._meta.concrete_fields} - elsewhere
        assert fields <= {*names, *written.KEY}


def test_nothing_of_a_double_is_lost_and_zero_has_one_sign():
    row = written.Row("outcome", ("a",), (0.1 + 0.2, 5e-324, -0.0, 1, None, True))
    assert row.line == '["outcome","a",0.30000000000000004,5e-324,0.0,1,null,true]'


def test_the_written_form_is_the_one_that_was_given_away():
    """Heads that people noted depend on every byte of it: another form is another number, never another meaning."""
    name = ("solana", "1h", NOON, "rules", "1")
    row = written.Row("outcome", name, (NOON + SOON, False, "", 0, 101.5, 1e-05, [1], None))
    assert row.line == (
        '["outcome","solana","1h","2026-11-20T12:00:00.000000Z","rules","1",'
        '"2026-11-20T12:00:30.000000Z",false,"",0,101.5,1e-05,[1.0],null]'
    )
    assert written.header("outcomes") == (
        '["khalsi-record",1,"outcomes",{"outcome":["token","timeframe","as_of","engine","version","resolved_at","void",'
        '"void_reason","outcome_class","price","log_return","log_score","brier","baseline_log_score","baseline_brier",'
        '"inside_range","pinball","baseline_pinball"]}]'
    )
    link = written.Link(
        "", 1, "outcomes", "", NOON, NOON + SOON, 1, written.content_of("outcomes", [row]).hex
    )
    assert link.text.split("\n")[:8] == [
        *(
            "khalsi-record 1",
            "",
            "1",
            "outcomes",
            "",
            "2026-11-20T12:00:00.000000Z",
            "2026-11-20T12:00:30.000000Z",
            "1",
        )
    ]
    assert link.head == "0e7ef944220047f92ed54dbfe157a7ec1abb47c0ae272b90ca85877eef1f6a7e"


def test_a_record_older_than_its_chain_is_digested_first():
    old = a_forecast(a_token("OLD"), as_of=NOON - HOUR)
    an_outcome(old)
    with_history(a_token())
    make_forecasts(NOON, NOON + SOON, ["1h"])
    genesis, first = links()
    assert (genesis.kind, genesis.rows, genesis.previous) == (Kind.GENESIS, 2, "")
    assert (first.kind, first.previous) == (Kind.FORECASTS, genesis.head)
    assert chain.begin() is None


def test_a_clock_that_was_set_back_turns_no_day_around(noon):
    with_history(a_token())
    make_forecasts(NOON, NOON + SOON, ["1h"])
    noon.move_to(NOON - 24 * HOUR)
    make_forecasts(NOON, NOON + SOON, ["4h"])
    first, second = links()
    assert first.linked_at == second.linked_at


def test_links_are_written_once():
    a_record()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        RecordLink.objects.filter(position=3).update(head="0" * 64)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute("DELETE FROM predictions_recordlink WHERE position = 8")


@pytest.mark.django_db(transaction=True)
def test_many_writers_make_one_chain():
    tokens = [with_history(a_token(name)) for name in ("SOL", "BONK", "WIF")]
    moments = [NOON - HOUR * back for back in range(4)]
    failed = []

    def write(moment):
        try:
            make_forecasts(moment, moment + SOON, ["15m", "1h", "4h"])
            score_matured(NOON)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(moment,)) for moment in (*moments, *moments)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    found = links()
    assert [link.position for link in found] == list(range(1, len(found) + 1))
    assert [link.previous for link in found] == ["", *(link.head for link in found[:-1])]
    assert Forecast.objects.filter(published=True).count() == len(tokens) * len(moments) * 3
    assert Forecast.objects.filter(link=None).count() + Outcome.objects.filter(link=None).count() == 0
    assert sum(link.rows for link in found) == Forecast.objects.count() + Outcome.objects.count()
