"""What was wrong with candles, where, and what was done about it: nothing is mended in silence."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

EXAMPLES = 3


@dataclass(frozen=True)
class Finding:
    """`where` names the file, or the series where several files are joined. `line` counts from 1 in the file,
    `time` is a closing time in seconds since 1970; either may be unknown.
    """

    kind: str
    where: str
    sentence: str
    done: str
    line: int | None = None
    time: int | None = None

    def __str__(self) -> str:
        place = f", line {self.line}" if self.line is not None else ""
        moment = f", {moment_of(self.time)}" if self.time is not None else ""
        return f"{self.where}{place}{moment}: {self.sentence}; {self.done}."


def moment_of(time: int) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M}"


def summary(findings: Sequence[Finding], examples: int = EXAMPLES) -> list[str]:
    """A few lines for a terminal: the number of each kind, most frequent first, and its first examples."""
    counts = Counter(finding.kind for finding in findings)
    lines = []
    for kind, number in counts.most_common():
        shown = [finding for finding in findings if finding.kind == kind][:examples]
        lines.append(f"{kind}: {number}")
        lines += [f"  {finding}" for finding in shown]
        if number > len(shown):
            lines.append(f"  and {number - len(shown)} more")
    return lines


def write_findings(findings: Iterable[Finding], path: Path) -> None:
    """All of them, one a line: kind, tab, sentence."""
    path.write_text("".join(f"{finding.kind}\t{finding}\n" for finding in findings), encoding="utf-8")
