"""Names and seconds of intervals."""

import pytest

from markets.candles.intervals import SECONDS_BY_NAME, interval_name, interval_seconds


@pytest.mark.parametrize("name", SECONDS_BY_NAME)
def test_a_name_comes_back_from_its_seconds(name):
    assert interval_name(interval_seconds(name)) == name


@pytest.mark.parametrize("name", ["1M", "60m", "", "1H"])
def test_an_unknown_name_is_refused(name):
    with pytest.raises(ValueError, match="write one of 1m"):
        interval_seconds(name)


def test_unknown_seconds_are_refused():
    with pytest.raises(ValueError, match="No interval lasts 7 s"):
        interval_name(7)
