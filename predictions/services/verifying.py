"""Recomputes the chain from what is stored, and names what is not as it was when it was linked.

Whoever can write to the database can also rewrite the chain behind the row that he changes. What he cannot change is a
head that somebody noted: so a check is worth most with heads from elsewhere (`noted`).
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Max, Min

from core.lib.errors import ArtifactRefused
from predictions.models import Forecast, MomentInputs, Outcome, RecordLink
from predictions.record import packing, written
from predictions.record.written import Content
from predictions.selectors import chain as links
from predictions.selectors.written_rows import rows_between, rows_without_link
from predictions.services.differences import differences
from predictions.services.guards import unguarded_tables
from predictions.services.replaying import CannotReplay, compare

Kind = RecordLink.Kind
Progress = Callable[[int, int], None]
"""Links done and links in all."""
ROWS_AT_ONCE, LINKS_AT_ONCE = 5000, 500
NAMED = 1000
"""Faults beyond so many are counted, not named."""


@dataclass(frozen=True)
class Noted:
    """A head that was noted earlier; without position, wherever it stands."""

    head: str
    position: int | None = None


@dataclass
class Verdict:
    """What was recomputed, and every fault in the order of the chain; none means intact."""

    since: int
    links: int = 0
    forecasts: int = 0
    outcomes: int = 0
    replayed: int = 0
    position: int = 0
    head: str = ""
    faults: list[str] = field(default_factory=list)
    unnamed: int = 0
    unguarded: list[str] = field(default_factory=list)
    """Tables that the database itself would let anybody change."""
    gaps: list[tuple[int, int]] = field(default_factory=list)
    """First and last position of links that are missing."""

    def add(self, fault: str) -> None:
        if len(self.faults) < NAMED:
            self.faults.append(fault)
        else:
            self.unnamed += 1

    @property
    def intact(self) -> bool:
        """Nothing was changed; whether it could be is another question (`unguarded`)."""
        return not self.faults


def verify_record(
    *,
    since: int = 1,
    noted: Sequence[Noted] = (),
    replays: int = 0,
    progress: Progress = lambda done, of: None,
) -> Verdict:
    """Check every link from `since` on, what stands under none, the noted heads and the stored inputs.

    What stands before `since` is trusted; a noted head further back moves it there. So many `replays`, drawn at
    random, make forecasts again and compare.
    """
    places = [link.position for one in noted if (link := _noted_link(one)) is not None]
    verdict = Verdict(since=max(1, min([since, *places])))
    _check_links(verdict, progress)
    _check_unlinked(verdict)
    for one in noted:
        _check_noted(verdict, one)
    _check_inputs(verdict)
    _check_replays(verdict, replays)
    verdict.unguarded = unguarded_tables()
    return verdict


def _check_links(verdict: Verdict, progress: Progress) -> None:
    before = RecordLink.objects.filter(position=verdict.since - 1).first()
    position, head = verdict.since - 1, before.head if before else ""
    in_all = RecordLink.objects.filter(position__gt=position).count()
    for piece in _pieces(position):
        kept = _rows(verdict, piece)
        for link in piece:
            _check_place(verdict, link, position, head)
            _check_head(verdict, link)
            _check_rows(verdict, link, kept.get(link.position, []))
            position, head = link.position, link.head
            verdict.links += 1
        progress(verdict.links, in_all)
    verdict.position, verdict.head = position, head


def _pieces(position: int) -> Iterator[list[RecordLink]]:
    """Links after this position, so many at a time that their rows fit into memory."""
    while found := list(
        RecordLink.objects.filter(position__gt=position).order_by("position")[:LINKS_AT_ONCE]
    ):
        piece, rows = found[:1], found[0].rows
        for link in found[1:]:
            rows += link.rows
            if rows > ROWS_AT_ONCE:
                break
            piece.append(link)
        yield piece
        position = piece[-1].position


def _rows(verdict: Verdict, piece: list[RecordLink]) -> dict[int, list[written.Row]]:
    first, last = piece[0].position, piece[-1].position
    try:
        return rows_between(first, last)
    except (ValueError, TypeError) as error:
        verdict.add(f"Links {first} to {last}: a row cannot be read any more ({error}).")
        return {}


def _check_place(verdict: Verdict, link: RecordLink, position: int, head: str) -> None:
    if link.position > position + 1:
        first, last = position + 1, link.position - 1
        verdict.gaps.append((first, last))
        verdict.add(f"Link {first if first == last else f'{first} to {last}'} of the chain is missing.")
    elif link.previous != head:
        verdict.add(f"Link {link.position} is broken: it does not follow the head of link {position}.")


def _check_head(verdict: Verdict, link: RecordLink) -> None:
    if links.as_written(link).head != link.head:
        verdict.add(f"Link {link.position} was changed: its head is not what its own fields give.")


def _check_rows(verdict: Verdict, link: RecordLink, rows: list[written.Row]) -> None:
    genesis = link.kind == Kind.GENESIS
    kept = None if genesis else written.content_of(link.kind, rows)
    content = kept or Content(link.kind).add(_counted(verdict, rows_without_link()))
    if not genesis:
        _count(verdict, rows)
    as_linked = bytes(link.row_digests)
    if (content.hex, content.rows, bytes(content.row_digests)) == (link.content, link.rows, as_linked):
        return
    found = list(differences(link, rows_without_link() if genesis else rows))
    for fault in found:
        verdict.add(f"Link {link.position} ({_described(link)}): {fault}")
    if not found:
        verdict.add(f"Link {link.position} was changed: its rows are in order, but not what it says of them.")


def _counted(verdict: Verdict, rows: Iterator[written.Row]) -> Iterator[written.Row]:
    for row in rows:
        _count(verdict, [row])
        yield row


def _count(verdict: Verdict, rows: list[written.Row]) -> None:
    forecasts = sum(row.is_forecast for row in rows)
    verdict.forecasts += forecasts
    verdict.outcomes += len(rows) - forecasts


def _described(link: RecordLink) -> str:
    what = f"{link.timeframe} {link.kind}".strip()
    return f"{what} of {link.moment:%Y-%m-%d %H:%M}"


def _check_unlinked(verdict: Verdict) -> None:
    """Rows that no link digests: under none where no genesis does, or under one that is gone."""
    genesis = RecordLink.objects.filter(kind=Kind.GENESIS).exists()
    for name, rows in (("forecasts", Forecast.objects.all()), ("outcomes", Outcome.objects.all())):
        if not genesis and (loose := _numbers(rows.filter(link__isnull=True))):
            verdict.add(f"Rows were slipped in: no link digests {name} {loose}.")
        for first, last in (*verdict.gaps, (verdict.position + 1, written.MOST_POSITION)):
            if gone := _numbers(rows.filter(link_id__gte=first, link_id__lte=last)):
                verdict.add(f"Rows name a link that is not there: {name} {gone}.")


def _numbers(rows: "links.Rows") -> str:
    """How many, and which; "" for none."""
    found = rows.aggregate(n=Count("pk"), first=Min("pk"), last=Max("pk"))
    if found["n"] < 2:
        return f"(number {found['first']})" if found["n"] else ""
    return f"({found['n']} with numbers from {found['first']} to {found['last']})"


def _noted_link(noted: Noted) -> RecordLink | None:
    found = RecordLink.objects.filter(head=noted.head.lower()).defer("row_digests").first()
    wrong = found is not None and noted.position not in (None, found.position)
    return None if wrong else found


def _check_noted(verdict: Verdict, noted: Noted) -> None:
    if _noted_link(noted) is None:
        where = "anywhere in the chain" if noted.position is None else f"at position {noted.position}"
        verdict.add(
            f"The noted head {noted.head} does not stand {where}:"
            " since it was noted, the record was rewritten or cut off."
        )


def _check_replays(verdict: Verdict, wanted: int) -> None:
    for forecast in _drawn(verdict.since, wanted):
        verdict.replayed += 1
        try:
            wrong = [one.field for one in compare(forecast) if not one.same]
        except (CannotReplay, ArtifactRefused) as error:
            verdict.add(f"Forecast {forecast.pk} cannot be made again: {error}")
            continue
        if wrong:
            verdict.add(
                f"Forecast {forecast.pk} comes out otherwise when it is made again: {', '.join(wrong)}."
            )


def _drawn(since: int, wanted: int) -> Iterator[Forecast]:
    """Forecasts at random, some perhaps twice; no query looks through the whole record."""
    known = Forecast.objects.filter(inputs__isnull=False, link_id__gte=since).order_by("pk")
    ends = known.aggregate(first=Min("pk"), last=Max("pk"))
    for _ in range(wanted if ends["first"] is not None else 0):
        at = ends["first"] + secrets.randbelow(ends["last"] - ends["first"] + 1)
        yield known.select_related("inputs", "engine_version", "token").filter(pk__gte=at)[0]


def _check_inputs(verdict: Verdict) -> None:
    """Of the links that were checked; which inputs a forecast names is digested with it."""
    kept = MomentInputs.objects.order_by("pk")
    if verdict.since > 1:
        named = Forecast.objects.filter(link_id__gte=verdict.since)
        kept = kept.filter(pk__gte=named.aggregate(first=Min("inputs_id"))["first"] or 0)
    for inputs in kept.iterator(chunk_size=20):
        if packing.digest_of(bytes(inputs.data)) != inputs.digest:
            verdict.add(f"The inputs of {inputs.as_of:%Y-%m-%d %H:%M} (number {inputs.pk}) were changed.")
