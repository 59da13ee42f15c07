"""The newest frames by HTTP, for pages whose network lets no WebSocket through: what a snapshot says, asked again and
again. A frame here carries no number, since nothing is promised between two of them."""

from collections.abc import Callable, Iterable

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from core.api.errors import refusal_for, refused
from core.lib.errors import BadInput, KhalsiError
from core.live.subscriptions import EVERY
from core.live.topic import Stream, Topic, wanted_symbols

_MAX_AGE_SECONDS = 5


def newest_frames(topics: Iterable[Topic]) -> Callable[[HttpRequest], HttpResponse]:
    """A view: `?channel=prices&symbols=SOL,BONK` (or `*`), with the parameters of the channel beside it."""
    public = {topic.name: topic for topic in topics if topic.by_symbol}

    @require_GET
    def view(request: HttpRequest) -> HttpResponse:
        try:
            frames = _frames(public, request.GET.dict())
        except KhalsiError as error:
            return refused(refusal_for(error))
        body = f'{{"frames":[{",".join(frames)}]}}'
        caching = {"Cache-Control": f"public, max-age={_MAX_AGE_SECONDS}"}
        return HttpResponse(body, content_type="application/json", headers=caching)

    return view


def _frames(topics: dict[str, Topic], asked: dict[str, str]) -> list[str]:
    topic = topics.get(asked.get("channel", ""))
    if topic is None:
        raise BadInput.at("channel", f"write one of {', '.join(topics)}.")
    parameters = topic.parameters(asked, None)
    named = asked.get("symbols", "*")
    symbols = wanted_symbols({"symbols": named if named == "*" else named.split(",")})
    newest = Stream(topic, tuple(parameters.items())).snapshot()
    if symbols != EVERY and (unknown := sorted(symbols - newest.keys())):
        raise BadInput.at("symbols", f"not followed here: {', '.join(unknown)}.")
    wanted = newest if symbols == EVERY else sorted(symbols)
    return topic.frames([orjson.dumps(newest[one]).decode() for one in wanted if newest[one]])
