"""The house keeps its own books: settings are documented, and documents name what exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READS = re.compile(
    r'env\.(?:text|flag|number|whole|words|span|choice|folder|networks)\(\s*"([A-Z_]+)"|(?<![.\w])(?:text|flag|number|whole|words|span|choice|folder|networks)\("([A-Z_]+)"'
)


def settings_read() -> set[str]:
    sources = "\n".join(path.read_text() for path in (ROOT / "khalsi/settings").glob("*.py"))
    return {first or second for first, second in READS.findall(sources)}


def settings_documented() -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))


def test_every_setting_is_in_the_example_and_no_other():
    assert settings_read() == settings_documented()


def test_every_setting_says_what_it_means():
    lines = [line for line in (ROOT / ".env.example").read_text().splitlines() if re.match("[A-Z]", line)]
    assert [line for line in lines if " # " not in line] == []


def test_only_one_module_reads_the_environment():
    readers = {
        path.relative_to(ROOT).as_posix()
        for app in ("core", "accounts", "markets", "predictions", "portfolios", "alerts", "khalsi")
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"os\.environ\b(?!\.setdefault)|os\.getenv", path.read_text())
    }
    assert readers <= {"khalsi/settings/env.py", "khalsi/embedded/choice.py"}
