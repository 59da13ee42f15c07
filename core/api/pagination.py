"""Lists in parts of at most 200: by page where people leaf through, by cursor where rows keep coming.

Links are addresses on this site without its name: the same bytes serve every host.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from rest_framework.request import Request

from core.api.fields import StrictInteger
from core.api.query import QuerySerializer
from core.lib.errors import BadInput, NotFound

MOST_ITEMS = 200
USUAL_ITEMS = 50
_SALT = "core.api.cursor"

T = TypeVar("T")
M = TypeVar("M", bound=Model)


class PageQuery(QuerySerializer):
    page = StrictInteger(default=1, min_value=1, max_value=100_000)
    limit = StrictInteger(default=USUAL_ITEMS, min_value=1, max_value=MOST_ITEMS)


class CursorQuery(QuerySerializer):
    limit = StrictInteger(default=USUAL_ITEMS, min_value=1, max_value=MOST_ITEMS)


@dataclass(frozen=True)
class Page(Generic[T]):
    """`count` is of the whole list; None where counting would cost more than it tells."""

    items: list[T]
    count: int | None
    next: str | None
    previous: str | None

    @property
    def meta(self) -> dict[str, Any]:
        return {"count": self.count, "next": self.next, "previous": self.previous}


def page_of(items: "Sequence[T] | QuerySet[Any, T]", request: HttpRequest | Request) -> Page[T]:
    """The page that `?page=` and `?limit=` ask for. Raises NotFound beyond the last one."""
    asked = PageQuery.read(request)
    number, limit = asked["page"], asked["limit"]
    count = items.count() if isinstance(items, QuerySet) else len(items)
    last = max(-(-count // limit), 1)
    if number > last:
        raise NotFound(f"There is no such page; the last one is {last}.")
    return Page(
        items=list(items[(number - 1) * limit : number * limit]),
        count=count,
        next=_link(request, page=number + 1) if number < last else None,
        previous=_link(request, page=number - 1) if number > 1 else None,
    )


def first_rows(rows: QuerySet[M], number: int) -> Sequence[M]:
    return list(rows[:number])


def cursor_page(
    rows: QuerySet[M],
    request: HttpRequest | Request,
    *,
    order: Sequence[str],
    count: int | None = None,
    first: Callable[[QuerySet[M], int], Sequence[M]] = first_rows,
) -> Page[M]:
    """The rows after (or before) a signed cursor, in `order`: field names, `-` for falling, unique together.

    New rows at the top neither repeat nor hide any, whatever the depth, and no page costs more than the
    first. `first` may know a quicker way to the first rows of an ordered query.
    """
    limit = CursorQuery.read(request)["limit"]
    back, place = _read_cursor(request.GET.get("cursor"), len(order))
    names = [_turned(name) for name in order] if back else list(order)
    wanted = rows.filter(_beyond(names, place)) if place else rows
    found = list(first(wanted.order_by(*names), limit + 1))
    more, items = len(found) > limit, found[:limit]
    if back:
        items.reverse()
    has_next = bool(items) and (more if not back else True)
    has_previous = bool(items) and (more if back else place is not None)
    return Page(
        items=items,
        count=count,
        next=_link(request, cursor=_write_cursor(False, items[-1], order)) if has_next else None,
        previous=_link(request, cursor=_write_cursor(True, items[0], order)) if has_previous else None,
    )


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(names: Sequence[str], place: Sequence[Any]) -> Q:
    """Rows that come after `place`: later in the first field, or equal there and later in the second, and so
    on."""
    condition, equal = Q(), Q()
    for name, value in zip(names, place, strict=True):
        field = name.removeprefix("-")
        side = "lt" if name.startswith("-") else "gt"
        condition |= equal & Q(**{f"{field}__{side}": value})
        equal &= Q(**{field: value})
    return condition


def _write_cursor(back: bool, row: Model, order: Sequence[str]) -> str:
    values = [getattr(row, name.removeprefix("-")) for name in order]
    plain = [value if isinstance(value, (int, str)) else str(value) for value in values]
    return signing.dumps([int(back), *plain], salt=_SALT)


def _read_cursor(text: str | None, fields: int) -> tuple[bool, list[Any] | None]:
    if not text:
        return False, None
    try:
        back, *place = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise BadInput.at("cursor", "Take the cursor from `next` or `previous` of a reply.") from None
    if len(place) != fields:
        raise BadInput.at("cursor", "This cursor belongs to another list.")
    return bool(back), place


def _link(request: HttpRequest | Request, **changed: Any) -> str:
    query = request.GET.copy()
    for name, value in changed.items():
        query[name] = str(value)
    return f"{request.path}?{query.urlencode()}"
