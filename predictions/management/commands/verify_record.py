"""Check that no forecast and no outcome was changed, taken out or slipped in."""

import csv
import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from predictions.selectors.chain import FILE_HEADER
from predictions.services.verifying import Noted, Verdict, verify_record

_HEAD = re.compile(r"[0-9a-fA-F]{64}")


class Command(BaseCommand):
    help = (
        "Recompute the chain over the record. Ends with 1, and names every row and link at fault, where anything is"
        " not as it was when it was stored."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", action="append", default=[], help="A head that was noted earlier; may be repeated."
        )
        parser.add_argument(
            "--file",
            type=Path,
            help="A kept copy of the daily heads; every head in it must stand in its place.",
        )
        parser.add_argument(
            "--since", type=int, default=1, help="Trust the links before this position and begin with it."
        )
        parser.add_argument(
            "--replay",
            type=int,
            default=0,
            help="Make so many forecasts again, drawn at random, and compare.",
        )

    def handle(self, **options: Any) -> None:
        noted = [_head(head) for head in options["head"]]
        if options["file"]:
            noted += _heads_of(options["file"])
        with tqdm(unit=" links", desc="Verifying", file=self.stderr, disable=None) as bar:
            verdict = verify_record(
                since=options["since"],
                noted=noted,
                replays=options["replay"],
                progress=lambda *at: _show(bar, *at),
            )
        self._tell(verdict, len(noted))

    def _tell(self, verdict: Verdict, noted: int) -> None:
        checked = f"{verdict.links} links, {verdict.forecasts} forecasts, {verdict.outcomes} outcomes"
        more = f", {noted} noted heads" if noted else ""
        more += f", {verdict.replayed} replays" if verdict.replayed else ""
        for table in verdict.unguarded:
            self.stdout.write(
                f"{table}: its triggers are gone or off, so the database would let anybody change it."
            )
        if verdict.intact:
            self.stdout.write(
                f"Intact: {checked}{more}.\nHead: {verdict.position} {verdict.head or '(no link yet)'}"
            )
            if verdict.since > 1:
                self.stdout.write(f"Links before {verdict.since} were trusted, not checked.")
            if verdict.unguarded:
                raise CommandError("Nothing was changed so far, but the record is not guarded any more.")
            return
        for fault in verdict.faults:
            self.stdout.write(fault)
        if verdict.unnamed:
            self.stdout.write(f"… and {verdict.unnamed} more.")
        raise CommandError(
            f"The record is NOT as it was stored: {len(verdict.faults) + verdict.unnamed} faults in {checked}{more}."
            f" The first: {verdict.faults[0]}"
        )


def _show(bar: "tqdm[Any]", done: int, of: int) -> None:
    bar.total = of
    bar.update(done - bar.n)


def _head(text: str, position: int | None = None) -> Noted:
    if not _HEAD.fullmatch(text):
        raise CommandError("A head is 64 hexadecimal digits; copy it whole.")
    return Noted(text.lower(), position)


def _heads_of(file: Path) -> list[Noted]:
    try:
        with file.open(newline="") as lines:
            rows = [row for row in csv.reader(lines) if row and row != FILE_HEADER.split(",")]
        return [_head(head, int(position)) for _, position, head in rows]
    except (OSError, ValueError) as error:
        raise CommandError(f"{file} is no file of daily heads (date,position,head): {error}") from error
