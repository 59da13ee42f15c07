"""Whatever is changed, taken out or slipped in behind the database's back is found, and named."""

from datetime import timedelta
from math import nextafter

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from predictions.models import Forecast, MomentInputs, Outcome, RecordLink
from predictions.record import packing, written
from predictions.selectors import chain as links
from predictions.selectors.chain import day_heads, heads_file
from predictions.selectors.written_rows import rows_between
from predictions.services.forecasting import make_forecasts
from predictions.services.scoring import score_matured
from predictions.services.verifying import Noted, verify_record
from tests.make.markets import NOON, a_token
from tests.make.predictions import a_forecast, a_version, an_outcome, with_history
from tests.make.record import behind_the_back

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=30)
HOUR = timedelta(hours=1)


@pytest.fixture
def record(noon):
    """Six links: forecasts of two tokens at noon and an hour before, and the outcomes of the first."""
    for name in ("SOL", "BONK"):
        with_history(a_token(name, name.lower()))
    for moment in (NOON - HOUR, NOON):
        make_forecasts(moment, moment + SOON, ["15m", "1h"])
    assert score_matured(NOON - HOUR / 2) == 4
    assert score_matured(NOON) == 4
    return Forecast.objects.get(token__symbol="SOL", timeframe="1h", as_of=NOON, published=True)


def faults(**asked):
    return verify_record(**asked).faults


def other(value):
    """Another value that the column takes; of a double the next one that there is."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        return nextafter(value, 1e9)
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return [nextafter(value[0], 1e9), *value[1:]] if value else [1.0]
    return value + timedelta(microseconds=1) if hasattr(value, "year") else f"{value}x"[-6:]


def change(row, **values):
    type(row)._base_manager.filter(pk=row.pk).update(**values)


def unnoticed(row, changes):
    """Those of the changes after which a check finds nothing, or something else than this row."""
    missed = []
    for values in changes:
        with behind_the_back():
            change(row, **values)
            found = faults()
        named = [one for one in found if f"(number {row.pk})" in one or f"Link {row.pk} " in one]
        if not named:
            missed.append((values, found))
    return missed


def test_an_untouched_record_is_intact(record):
    verdict = verify_record()
    assert verdict.intact
    assert verdict.links == RecordLink.objects.count() == 6
    assert verdict.forecasts == Forecast.objects.count()
    assert verdict.outcomes == Outcome.objects.count() == 8
    assert (verdict.position, verdict.head) == (6, RecordLink.objects.get(position=6).head)


def test_an_empty_record_is_intact():
    assert verify_record().intact


def test_a_change_of_any_field_of_a_forecast_is_found(record):
    together = {"up", "down", "sideways", "baseline_up", "baseline_down", "baseline_sideways"}
    alone = [name for name in written.FORECAST if name not in {*together, "artifact", "inputs"}]
    changes = [{name: other(getattr(record, name))} for name in alone]
    changes += [
        {"up": record.up + 1, "down": record.down - 1},
        {"down": record.down + 1, "sideways": record.sideways - 1},
        {"baseline_up": record.baseline_up + 1, "baseline_down": record.baseline_down - 1},
        {"baseline_down": record.baseline_down + 1, "baseline_sideways": record.baseline_sideways - 1},
        {"as_of": record.as_of + SOON},
        {"timeframe": "4h"},
        {"token": a_token("WIF")},
        {"engine_version": a_version("1h", "elsewhere")},
        {"inputs": None},
        {"link": None},
        {"link": RecordLink.objects.get(position=1)},
    ]
    assert unnoticed(record, changes) == []


def test_a_change_of_any_field_of_an_outcome_is_found(record):
    outcome = Outcome.objects.filter(void=False).first()
    names = [name for name in written.OUTCOME if name not in {"void", "outcome_class"}]
    changes = [{name: other(getattr(outcome, name))} for name in names]
    changes += [
        {"outcome_class": (outcome.outcome_class + 1) % 3},
        {"void": True, "outcome_class": None, "log_score": None},
        {"link": None},
    ]
    assert unnoticed(outcome, changes) == []


def test_a_change_of_any_field_of_a_link_is_found(record):
    link = RecordLink.objects.get(position=2)
    names = ("kind", "timeframe", "moment", "rows", "content", "previous", "head", "linked_at")
    changes = [{name: other(getattr(link, name))} for name in names]
    assert unnoticed(link, [*changes, {"row_digests": b"\0" * 8 * link.rows}]) == []


def test_a_change_of_what_a_forecast_names_is_found(record):
    with behind_the_back():
        change(record.token, coingecko_id="wrapped-solana")
        assert len(faults()) > 1
    with behind_the_back():
        change(record.engine_version, artifact_digest="0" * 64)
        assert any(f"(number {record.pk}) was changed" in one for one in faults())


def test_every_one_of_ten_altered_rows_is_named(record):
    chosen = list(Forecast.objects.order_by("pk")[:6]) + list(Outcome.objects.order_by("pk")[:4])
    with behind_the_back():
        for row in chosen:
            name = "scale" if isinstance(row, Forecast) else "brier"
            change(row, **{name: 0.123})
        found = faults()
    assert len(found) == 10
    assert all("was changed" in one for one in found)


def test_a_row_that_was_taken_out_is_named(record):
    with behind_the_back() as cursor:
        cursor.execute("DELETE FROM predictions_forecast WHERE id = %s", [record.pk])
        (fault,) = faults()
    assert "the forecast of sol, 1h, 2026-11-20T12:00:00.000000Z, by climatology 1 is missing" in fault


def test_an_outcome_that_was_taken_out_is_named(record):
    outcome = Outcome.objects.filter(forecast__timeframe="1h", forecast__published=True).first()
    with behind_the_back() as cursor:
        cursor.execute("DELETE FROM predictions_outcome WHERE forecast_id = %s", [outcome.pk])
        (fault,) = faults()
    assert "the outcome of the forecast of" in fault
    assert fault.endswith("is missing.")


@pytest.mark.parametrize("under_a_link", [False, True])
def test_a_row_that_was_slipped_in_is_named(record, under_a_link):
    with behind_the_back():
        late = a_forecast(a_token("WIF", "wif"), link=record.link if under_a_link else None)
        (fault,) = faults()
    assert "slipped in" in fault
    assert str(late.pk) in fault


def test_an_outcome_that_was_slipped_in_is_found(record):
    with behind_the_back():
        an_outcome(record)
        (fault,) = faults()
    assert fault == f"Rows were slipped in: no link digests outcomes (number {record.pk})."


def test_links_in_another_order_are_found(record):
    with behind_the_back() as cursor:
        for now, then in ((3, 99), (4, 3), (99, 4)):
            cursor.execute("UPDATE predictions_recordlink SET position = %s WHERE position = %s", [then, now])
        assert len(faults()) >= 2


def test_a_link_that_was_taken_out_of_the_middle_is_found(record):
    with behind_the_back() as cursor:
        cursor.execute("DELETE FROM predictions_outcome WHERE link_id = 3")
        cursor.execute("DELETE FROM predictions_forecast WHERE link_id = 3")
        cursor.execute("DELETE FROM predictions_recordlink WHERE position = 3")
        assert faults()[0] == "Link 3 of the chain is missing."


def test_rows_whose_link_is_gone_are_found(record):
    with behind_the_back() as cursor:
        cursor.execute("DELETE FROM predictions_recordlink WHERE position = 6")
        assert any("name a link that is not there" in one for one in faults())


def cut_off(cursor, last):
    for table in ("outcome", "forecast"):
        cursor.execute(f"DELETE FROM predictions_{table} WHERE link_id > %s", [last])
    cursor.execute("DELETE FROM predictions_recordlink WHERE position > %s", [last])


def test_links_that_were_dropped_from_the_end_are_found_by_a_noted_head(record):
    noted = links.newest_link()
    assert verify_record(noted=[Noted(noted.head), Noted(noted.head, noted.position)]).intact
    with behind_the_back() as cursor:
        cut_off(cursor, 4)
        assert faults() == []  # nothing inside the database can tell
        (fault,) = faults(noted=[Noted(noted.head)])
    assert "rewritten or cut off" in fault


def rewrite_from(position):
    """Make every link from there on fit what is stored: what somebody who knows the chain would do."""
    last = RecordLink.objects.filter(position=position - 1).first()
    for link in RecordLink.objects.filter(position__gte=position).order_by("position"):
        rows = links_rows(link)
        content = written.content_of(link.kind, rows)
        link.previous, link.rows, link.content = last.head if last else "", content.rows, content.hex
        link.head = links.as_written(link).head
        change(
            link,
            previous=link.previous,
            rows=link.rows,
            content=link.content,
            head=link.head,
            row_digests=bytes(content.row_digests),
        )
        last = link


def links_rows(link):
    return rows_between(link.position, link.position)[link.position]


def test_a_chain_that_was_rewritten_whole_is_found_by_a_noted_head(record):
    noted = links.newest_link()
    with behind_the_back():
        change(record, scale=0.123)
        rewrite_from(record.link_id)
        assert faults() == []
        (fault,) = faults(noted=[Noted(noted.head, noted.position)])
    assert "at position 6" in fault


def test_a_noted_head_counts_at_its_own_position_alone(record):
    assert len(faults(noted=[Noted(links.newest_link().head, 5)])) == 1


def test_inputs_that_were_changed_are_found_by_their_digest(record):
    kept = MomentInputs.objects.order_by("pk").last()
    with behind_the_back():
        change(kept, data=bytes(kept.data) + b"\0")
        (fault,) = faults()
        assert f"(number {kept.pk}) were changed" in fault
        change(kept, digest=packing.digest_of(bytes(kept.data) + b"\0"))
        assert any(f"(number {record.pk}) was changed" in one for one in faults())


def test_what_stands_before_since_is_trusted(record):
    with behind_the_back():
        change(Forecast.objects.filter(link=1).first(), scale=0.123)
        assert faults(since=2) == []
        assert len(faults(since=1)) == 1
        first = RecordLink.objects.get(position=1)
        assert len(faults(since=2, noted=[Noted(first.head, 1)])) == 1


def test_a_genesis_is_checked_too():
    old = a_forecast(a_token("OLD"), as_of=NOON - HOUR)
    an_outcome(old)
    with_history(a_token())
    make_forecasts(NOON, NOON + SOON, ["1h"])
    verdict = verify_record()
    assert verdict.intact
    assert (verdict.forecasts, verdict.outcomes) == (Forecast.objects.count(), 1)
    assert unnoticed(old, [{"scale": 0.123}, {"link": RecordLink.objects.get(position=2)}]) == []
    with behind_the_back():
        a_forecast(a_token("NEW"), as_of=NOON)
        assert "was slipped in" in faults()[0]


def test_a_row_that_cannot_be_written_down_is_found_all_the_same(record):
    with behind_the_back() as cursor:
        value = "'NaN'" if connection.vendor == "postgresql" else "'nonsense'"
        cursor.execute(f"UPDATE predictions_forecast SET scale = {value} WHERE id = %s", [record.pk])
        assert len(faults()) == 1


def test_the_command_says_what_it_checked(record, capsys):
    newest = links.newest_link()
    call_command("verify_record", head=[newest.head], replay=3)
    told = capsys.readouterr().out
    assert "Intact: 6 links" in told
    assert "8 outcomes, 1 noted heads, 3 replays" in told
    assert f"Head: 6 {newest.head}" in told


def test_the_command_fails_and_names_the_first_fault(record, capsys):
    with behind_the_back():
        change(record, scale=0.123)
        with pytest.raises(CommandError, match=r"NOT as it was stored: 1 faults .*was changed"):
            call_command("verify_record")
        assert "by climatology 1" in capsys.readouterr().out


def test_triggers_that_were_dropped_or_switched_off_are_found(record, capsys):
    assert verify_record().unguarded == []
    table = "predictions_outcome"
    with behind_the_back() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only")
            assert verify_record().unguarded == [table]
        with pytest.raises(CommandError, match="not guarded any more"):
            call_command("verify_record")
        assert f"{table}: its triggers are gone or off" in capsys.readouterr().out


def test_the_command_takes_the_daily_file(record, noon, tmp_path):
    noon.move_to(NOON + 24 * HOUR)
    kept = tmp_path / "heads.csv"
    kept.write_text("".join(heads_file(day_heads(NOON + 24 * HOUR))))
    call_command("verify_record", file=kept)
    kept.write_text(kept.read_text().replace(",6,", ",5,"))
    with pytest.raises(CommandError, match="at position 5"):
        call_command("verify_record", file=kept)
    kept.write_text("date,position,head\nnonsense")
    with pytest.raises(CommandError, match="no file of daily heads"):
        call_command("verify_record", file=kept)


def test_a_head_that_was_not_copied_whole_is_refused():
    with pytest.raises(CommandError, match="64 hexadecimal digits"):
        call_command("verify_record", head=["abc"])
