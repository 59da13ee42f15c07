"""The house keeps its own books: settings are documented, and documents name what exists."""

import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / ".env.example"
WRITTEN_OUT = """
import json, re
from khalsi import settings
said = {name: repr(value) for name, value in vars(settings).items() if name.isupper()}
print(json.dumps({name: re.sub(" at 0x[0-9a-f]+", "", value) for name, value in said.items()}))
"""
READS = re.compile(
    r'env\.(?:text|flag|number|whole|words|span|choice|folder|networks)\(\s*"([A-Z_]+)"|(?<![.\w])(?:text|flag|number|whole|words|span|choice|folder|networks)\("([A-Z_]+)"'
)


def settings_read() -> set[str]:
    sources = "\n".join(path.read_text() for path in (ROOT / "khalsi/settings").glob("*.py"))
    return {first or second for first, second in READS.findall(sources)}


def composed() -> set[str]:
    """What docker-compose.yml takes out of `.env` itself; `$$NAME` belongs to a shell inside a container."""
    return set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))


class Example(environ.Env):
    """`.env.example`, read as a copy of it would be."""

    ENVIRON: dict[str, str] = {}


Example.read_env(EXAMPLE)


def started(tmp_path: Path, **said: str) -> dict[str, str]:
    """The settings of a process whose environment says that, written out."""
    inherited = {name: value for name, value in os.environ.items() if name not in Example.ENVIRON}
    found = subprocess.run(
        [sys.executable, "-c", WRITTEN_OUT],
        cwd=ROOT,
        env=inherited | dict.fromkeys(Example.ENVIRON, "") | said | {"DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return dict(json.loads(found.stdout))


def test_every_setting_is_in_the_example_and_no_other():
    assert settings_read() | composed() == set(Example.ENVIRON)


def test_every_setting_says_what_it_means():
    lines = EXAMPLE.read_text().splitlines()
    said = [before for before, line in pairwise(lines) if re.match("[A-Z]", line)]
    assert [line for line in said if not line.startswith("# ")] == []


def test_nothing_but_the_value_stands_on_its_line():
    """What follows it, Khalsi reads as part of the value, and so does docker compose where the value is empty."""
    assert {name: value for name, value in Example.ENVIRON.items() if "#" in value or " " in value} == {}


def test_a_copy_of_the_example_changes_nothing(tmp_path: Path):
    assert started(tmp_path, **Example.ENVIRON) == started(tmp_path)


def test_make_hands_over_what_it_was_told_and_nothing_empty(tmp_path: Path):
    """A name that is there, though empty, would hide the line in `.env`."""
    told = subprocess.run(
        ["make", "-s", "--eval", "told: ; @env", "told", "PORT=8123"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    handed = dict(line.partition("=")[::2] for line in told)
    assert {name: handed[name] for name in Example.ENVIRON if name in handed} == {
        "PORT": "8123",
        "DATA": str(tmp_path),
    }


def test_only_one_module_reads_the_environment():
    readers = {
        path.relative_to(ROOT).as_posix()
        for app in ("core", "accounts", "markets", "predictions", "portfolios", "alerts", "khalsi")
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"os\.environ\b(?!\.setdefault)|os\.getenv", path.read_text())
    }
    assert readers <= {"khalsi/settings/env.py", "khalsi/embedded/choice.py"}


def test_no_line_of_a_developers_env_file_reaches_the_tests():
    """Their database above all: what stands in the environment, though empty, goes before the file."""
    assert set(Example.ENVIRON) - set(os.environ) == set()
