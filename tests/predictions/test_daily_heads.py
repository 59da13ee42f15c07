"""Each day's last head is kept in a file that only grows, and the same is what the site hands out."""

from datetime import timedelta

import pytest
from django.test import Client

from core.models import JobRun
from predictions import tasks
from predictions.models import RecordLink
from predictions.services.forecasting import make_forecasts
from predictions.services.head_file import RecordRewritten, head_file, write_day_heads
from tests.make.markets import NOON, a_token
from tests.make.predictions import with_history
from tests.make.record import behind_the_back

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def three_days(noon):
    """Two links on the first day, one on the second, none on the third, one on the fourth, which is today."""
    token = with_history(a_token(), end=NOON + 3 * DAY)
    for day, timeframes in ((0, ["1h", "4h"]), (1, ["1h"]), (3, ["1h"])):
        noon.move_to(NOON + day * DAY)
        make_forecasts(NOON + day * DAY, NOON + day * DAY, timeframes)
    return token


def head(position):
    return RecordLink.objects.get(position=position).head


def downloaded():
    return b"".join(Client().get("/record/heads.csv").streaming_content).decode()


def test_each_day_that_is_over_has_one_line(three_days):
    assert write_day_heads(NOON + 3 * DAY) == 2
    assert head_file().read_text().splitlines() == [
        "date,position,head",
        f"2026-11-20,2,{head(2)}",
        f"2026-11-21,3,{head(3)}",
    ]


def test_the_file_and_the_download_are_the_same(three_days):
    write_day_heads(NOON + 3 * DAY)
    assert downloaded() == head_file().read_text()


def test_the_file_only_grows(three_days):
    write_day_heads(NOON + DAY)
    first = head_file().read_text()
    assert write_day_heads(NOON + DAY) == 0
    assert head_file().read_text() == first
    assert write_day_heads(NOON + 4 * DAY) == 2
    assert head_file().read_text().startswith(first)


def test_a_line_that_a_crash_cut_off_is_written_again(three_days):
    write_day_heads(NOON + 3 * DAY)
    whole = head_file().read_text()
    head_file().write_text(whole[:-20])
    assert write_day_heads(NOON + 3 * DAY) == 1
    assert head_file().read_text() == whole


def test_a_file_that_the_database_disagrees_with_is_left_alone_and_fails(three_days):
    write_day_heads(NOON + 3 * DAY)
    kept = head_file().read_text()
    with behind_the_back():
        RecordLink._base_manager.filter(position=2).update(head="0" * 64)
        with pytest.raises(RecordRewritten, match=r"Line 2 of .* says 2026-11-20,2,"):
            write_day_heads(NOON + 4 * DAY)
    assert head_file().read_text() == kept


def test_the_job_writes_it_and_fails_aloud(three_days):
    tasks.keep_heads("2026-11-23T13:00:00Z")
    assert "date,position,head" in head_file().read_text()
    head_file().write_text("date,position,head\n2026-11-20,2,nonsense\n")
    with pytest.raises(RecordRewritten):
        tasks.keep_heads("2026-11-23T14:00:00Z")
    assert JobRun.objects.get(job="record-heads", state=JobRun.State.FAILED).detail.startswith(
        "RecordRewritten"
    )


def test_before_the_first_day_is_over_there_is_nothing_but_the_header(noon):
    assert downloaded() == "date,position,head\n"
    assert write_day_heads(NOON) == 0
    assert head_file().read_text() == "date,position,head\n"
