"""How much one connection may ask for, without a connection."""

import pytest

from core.lib.errors import BadInput
from core.live.limits import FrameRate, is_too_large
from core.live.subscriptions import EVERY, Subscriptions


def symbols(*names: str) -> frozenset[str]:
    return frozenset(names)


def numbered(first: int, last: int) -> frozenset[str]:
    return frozenset(f"T{number}" for number in range(first, last))


def test_twenty_frames_pass_at_once_and_twenty_more_a_second_later() -> None:
    rate = FrameRate(now=100.0)
    assert [rate.admits(100.0) for _ in range(21)] == [True] * 20 + [False]
    assert [rate.admits(101.0) for _ in range(21)] == [True] * 20 + [False]


def test_an_idle_hour_saves_up_no_more_than_one_second() -> None:
    rate = FrameRate(now=0.0)
    assert sum(rate.admits(3600.0) for _ in range(100)) == 20


@pytest.mark.parametrize(
    ("text", "too_large"),
    [
        ("x" * 16384, False),
        ("x" * 16385, True),
        ("ä" * 8192, False),
        ("ä" * 8193, True),
        ("\ud800" * 9, False),
    ],
)
def test_a_frame_is_measured_in_bytes(text: str, too_large: bool) -> None:
    assert is_too_large(text) is too_large


def test_ten_subscriptions_are_held_and_an_eleventh_is_refused() -> None:
    held = Subscriptions()
    for number in range(10):
        held.with_added("prices", symbols(f"T{number}"))
    with pytest.raises(BadInput, match="10 subscriptions"):
        held.with_added("prices", symbols("T10"))
    assert held.symbols("prices") == numbered(0, 10)


def test_asking_again_for_what_is_held_takes_no_further_place() -> None:
    held = Subscriptions()
    for _ in range(30):
        assert held.with_added("prices", symbols("SOL", "BONK")) == symbols("SOL", "BONK")
    held.with_added("prices", symbols("SOL"))


def test_two_hundred_symbols_are_held_over_all_streams_and_one_more_is_refused() -> None:
    held = Subscriptions()
    held.with_added("prices", numbered(0, 150))
    held.with_added("predictions:1h", numbered(0, 200))
    with pytest.raises(BadInput, match="200 symbols"):
        held.with_added("prices", symbols("SOL"))


def test_everything_takes_no_place_among_the_symbols() -> None:
    held = Subscriptions()
    held.with_added("prices", numbered(0, 200))
    assert held.with_added("prices", EVERY) == EVERY
    assert held.with_added("prices", symbols("SOL")) == EVERY


def test_part_of_everything_cannot_be_left_out() -> None:
    held = Subscriptions()
    held.with_added("prices", EVERY)
    with pytest.raises(BadInput, match="listens to all"):
        held.with_removed("prices", symbols("SOL"))
    assert held.with_removed("prices", EVERY) == frozenset()


def test_what_was_unsubscribed_makes_room() -> None:
    held = Subscriptions()
    for number in range(10):
        held.with_added("prices", symbols(f"T{number}"))
    assert held.with_removed("prices", symbols("T3")) == numbered(0, 10) - symbols("T3")
    held.with_added("prices", symbols("T10"))
    assert held.with_removed("nowhere", EVERY) == frozenset()
