"""`make audit` tells apart what is known, what is not, and what could not be asked."""

import stat

import pytest

from tools import audit


@pytest.fixture
def pip_audit(monkeypatch, tmp_path):
    """A stand-in that says and ends as it is told."""

    def ends(code, said):
        program = tmp_path / "pip-audit"
        program.write_text(f"#!/bin/sh\necho \"$@\" >> {tmp_path}/asked\necho '{said}' >&2\nexit {code}\n")
        program.chmod(program.stat().st_mode | stat.S_IEXEC)
        monkeypatch.setattr(audit, "_pip_audit", lambda: [str(program)])
        return tmp_path / "asked"

    return ends


def test_nothing_known_is_said_of_each_list(pip_audit, capsys):
    asked = pip_audit(0, "No known vulnerabilities found")
    assert audit.main() == 0
    assert capsys.readouterr().out.count("nothing is known against any of them") == 2
    assert all("--require-hashes" in line for line in asked.read_text().splitlines())


def test_what_is_known_is_shown(pip_audit, capsys):
    pip_audit(1, "Found 1 known vulnerability in 1 package")
    assert audit.main() == audit.FOUND
    assert "Found 1 known vulnerability" in capsys.readouterr().out


def test_a_service_that_cannot_be_asked_is_no_clean_bill(pip_audit, capsys):
    pip_audit(1, "pip_audit._service.interface.ConnectionError: Could not connect to the service")
    assert audit.main() == audit.UNKNOWN
    assert "Not audited: the advisory service could not be asked" in capsys.readouterr().err


def test_without_the_tool_nothing_is_claimed(monkeypatch, capsys):
    monkeypatch.setattr(audit, "_pip_audit", lambda: None)
    assert audit.main() == audit.UNKNOWN
    assert "Not audited" in capsys.readouterr().err
