"""Past returns over 1 to 720 hours, in units of what is usual for the token over that time."""

from predictions.features.view import Features, View

RETURN_HOURS = (1, 2, 3, 4, 6, 8, 12, 24, 48, 72, 120, 168, 336, 720)


def returns(view: View) -> Features:
    for hours in RETURN_HOURS:
        yield f"return_{hours}h", view.past_return(hours)
