"""Static files: vendored ones as recorded, own ones hashed with the imports between them."""

import re
import shutil
from pathlib import Path

from khalsi.settings.env import ROOT
from khalsi.static import HashedStorage
from tools.vendor import PACKAGES, faults_of

STATIC = ROOT / "static"


def test_vendored_files_are_as_recorded_and_bring_their_licence() -> None:
    for package in PACKAGES:
        assert faults_of(package) == []
        assert any(STATIC.joinpath("vendor", package.label).glob("LICENSE*"))


def test_a_script_imports_the_others_by_their_hashed_names(tmp_path: Path) -> None:
    shutil.copytree(STATIC, tmp_path / "static")
    storage = HashedStorage(location=tmp_path / "static", base_url="/static/")
    names = [str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file()]
    done = list(storage.post_process({name: (storage, name) for name in names}))
    assert not [name for name, _, outcome in done if isinstance(outcome, Exception)]
    chart = (tmp_path / "static" / storage.hashed_files["js/token-chart.js"]).read_text()
    assert re.search(r'from "\./format\.[0-9a-f]{12}\.js"', chart)
    assert re.search(r'from "\.\./vendor/lightweight-charts-[\d.]+/[\w.-]+\.[0-9a-f]{12}\.mjs"', chart)


def test_scripts_are_small_and_style_sheets_hold_no_foreign_address() -> None:
    for script in STATIC.glob("js/*.js"):
        assert len(script.read_text().splitlines()) < 300, script.name
    for sheet in STATIC.glob("css/*.css"):
        assert "http" not in sheet.read_text(), sheet.name
