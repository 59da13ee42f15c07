"""How a reply of this app leaves: public, and fit to be served again for a moment."""

from rest_framework.response import Response

from core.api import hot
from core.api.envelope import answer
from predictions.selectors.replies import Reply
from predictions.services.publishing import MAX_AGE_SECONDS, ready_until

KEPT_SECONDS = 5.0
"""A reply that a view made may lag so far behind the newest forecast; those that were rendered ahead don't.
"""


def kept(reply: Reply) -> Response:
    response = answer(reply.data, max_age=MAX_AGE_SECONDS)
    return hot.keep(
        response, until=ready_until(reply.stale_after), seconds=KEPT_SECONDS, max_age=MAX_AGE_SECONDS
    )
