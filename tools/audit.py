"""`make audit`: every pinned dependency against the advisories that are known, with their hashes checked.

Asks PyPI's advisory service through pip-audit, which uv fetches for this alone. Ends with 1 where something is known,
and with 2, saying so, where the service or pip-audit itself cannot be had: then nothing is known, good or bad.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LISTS = ("requirements/run.txt", "requirements/dev.txt")
FOUND, UNKNOWN = 1, 2
_NEEDS = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "--strict"]


def main() -> int:
    command = _pip_audit()
    if command is None:
        return _unknown("neither pip-audit nor uv is there; `make test` installs uv.")
    worst = 0
    for name in LISTS:
        worst = max(worst, _audit(command, name))
        if worst == UNKNOWN:
            break
    return worst


def _pip_audit() -> list[str] | None:
    beside = Path(sys.executable).parent
    for program, words in (("pip-audit", []), ("uv", ["tool", "run", "--quiet", "pip-audit"])):
        path = shutil.which(program, path=str(beside)) or shutil.which(program)
        if path:
            return [path, *words]
    return None


def _audit(command: list[str], name: str) -> int:
    done = subprocess.run(  # noqa: S603  our own words
        [*command, *_NEEDS, "-r", name], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        sys.stdout.write(f"{name}: nothing is known against any of them.\n")
        return 0
    if "Found" in done.stderr and "vulnerabilit" in done.stderr:
        sys.stdout.write(f"{name}:\n{done.stdout}{done.stderr}")
        return FOUND
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return _unknown(lines[-1].strip()[:300] if lines else f"pip-audit ended with {done.returncode}.")


def _unknown(why: str) -> int:
    sys.stderr.write(f"Not audited: the advisory service could not be asked ({why})\n")
    return UNKNOWN


if __name__ == "__main__":
    sys.exit(main())
