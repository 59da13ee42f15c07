"""Prints what an extra of pyproject.toml needs, for pip: `python tools/extra.py lstm`."""

import sys
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
sys.stdout.write(" ".join(project["optional-dependencies"][sys.argv[1]]))
