"""Files that say the same thing twice say it alike: addresses in the docs, processes of both forms, scripts."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.staticfiles.finders import get_finders
from django.urls import Resolver404, get_resolver, resolve

from khalsi.static import HashedStorage

ROOT = Path(__file__).resolve().parents[2]
API = (ROOT / "docs/api.md").read_text()
SCRIPT = (ROOT / "tools/distributed.sh").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
EXAMPLES = {
    "symbol": "SOL",
    "job_id": "1",
    "asset": "solana",
    "session_id": "6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a",
    "key_id": "6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a",
    "alert_id": "6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a",
    "event_id": "6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a",
    "channel_id": "6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a",
    "delivery_id": "6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a",
    "link_id": "6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a",
    "portfolio_id": "6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a",
    "import_id": "6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a",
    "transaction_id": "6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a",
    "connection_id": "6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b1a",
    "id": "1",
    "position": "1",
}
AT_THE_ROOT = ("/api", "/health", "/live", "/metrics", "/record")
# Below /api/v1 unless it begins with one of these, as the document says.
PATH = re.compile(r"`(?:(?:GET|POST|PUT|PATCH|DELETE) )?(/[a-z][\w./{}-]*)(?:\?[^`]*)?`")


def documented() -> set[str]:
    """The paths that docs/api.md names, in full."""
    beginnings = {"/api", "/api/", "/api/v1"}
    whole = {path for path in PATH.findall(API) if not path.startswith("/ws")} - beginnings
    return {path if path.startswith(AT_THE_ROOT) else f"/api/v1{path}" for path in whole}


def routed() -> set[str]:
    """The paths under /api/v1 that lead somewhere."""
    entry = next(one for one in get_resolver().url_patterns if str(one.pattern) == "api/v1/")
    return {"/api/v1/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(one.pattern)) for one in entry.url_patterns}


@pytest.mark.parametrize("path", sorted(documented()))
def test_what_the_docs_name_is_there(path: str):
    try:
        resolve(path.format_map(EXAMPLES))
    except Resolver404:
        pytest.fail(f"docs/api.md names {path}, which leads nowhere")


def test_what_is_there_is_in_the_docs():
    assert routed() - documented() == set()


def commands(program: str) -> list[list[str]]:
    """What the compose file calls `program` with."""
    said = [str(service.get("command", "")).split() for service in COMPOSE["services"].values()]
    return [words for words in said if words[:1] == [program]]


def test_both_ways_to_start_have_a_worker_for_every_queue(settings: Any):
    by_compose = {
        words[words.index("-Q") + 1]: words[words.index("-c") + 1] for words in commands("celery")[:-1]
    }
    by_hand = dict(re.findall(r"^  worker (\w+) (\d)$", SCRIPT, re.M))
    assert by_compose == by_hand == {queue: str(count) for queue, count in settings.QUEUES.items()}


def test_both_ways_start_and_stop_the_same_processes():
    """The database, Redis and what prepares them apart; a worker is called by its queue."""
    services = {
        name: one for name, one in COMPOSE["services"].items() if name not in {"db", "redis", "migrate"}
    }
    by_compose = {one.get("environment", {}).get("QUEUE", name) for name, one in services.items()}
    for order in re.findall(r"^(?:START|STOP)_ORDER=\((.*)\)$", SCRIPT, re.M):
        assert set(order.split()) == by_compose
    spawned = set(re.findall(r"\bspawn (\w+) ", SCRIPT)) | set(re.findall(r"^  worker (\w+)", SCRIPT, re.M))
    assert spawned == by_compose


@pytest.mark.parametrize("name", ["stream", "beat"])
def test_both_ways_start_what_there_is_one_of_alike(name: str):
    program, *words = COMPOSE["services"][name]["command"].split()
    (by_hand,) = re.findall(rf"^  spawn {name} (.*)$", SCRIPT, re.M)
    assert program in by_hand
    for word in set(words) - {"${LOG_LEVEL:-INFO}"}:
        assert word in by_hand.split(), word


def test_both_ways_start_the_live_feed_alike():
    (words,) = commands("uvicorn")
    for word in words:
        assert word in SCRIPT or word in {"0.0.0.0", "8000"}, word


def test_both_ways_start_the_web_alike():
    (line,) = re.findall(r'^CMD \["granian".*?\]$', (ROOT / "Dockerfile").read_text(), re.M | re.S)
    for word in set(re.findall(r'"([^"]+)"', line)) - {"0.0.0.0", "8000", "2"}:
        assert word in SCRIPT, word


def test_the_image_gathers_its_static_files_with_what_its_build_knows(tmp_path: Path):
    """The build has the settings of production and no `.env`: a key that is missing there fails it."""
    stage = (ROOT / "Dockerfile").read_text().split("FROM ")[-1].replace("\\\n", " ")
    given = dict(re.findall(r"(\w+)=(\S+)", " ".join(re.findall(r"^ENV (.*)$", stage, re.M))))
    (gathering,) = [line for line in re.findall(r"^RUN (.*)$", stage, re.M) if "collectstatic" in line]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    starting = gathering.replace("manage.py collectstatic --noinput -v0", "-c 'import khalsi.settings'")
    assert starting != gathering
    done = subprocess.run(
        ["sh", "-c", starting],
        cwd=ROOT,
        env=given | {"PATH": path, "DATA": str(tmp_path), "STATIC_ROOT": str(tmp_path / "static")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["js/home.js", "js/token.js"])
def test_collected_files_name_each_other_by_their_hashes(name: str, tmp_path: Path):
    """As collectstatic does it with DEBUG off; compression left out, since it is slow and not ours."""
    storage = HashedStorage(location=tmp_path, base_url="/static/")
    storage.compress_files = lambda names: ()
    found = {
        path: (source, path) for finder in get_finders() for path, source in finder.list(["admin", "unfold"])
    }
    for path, (source, _) in found.items():
        with source.open(path) as content:
            storage.save(path, content)
    failed = [(path, done) for path, _, done in storage.post_process(found) if isinstance(done, Exception)]
    assert failed == []
    text = (tmp_path / storage.stored_name(name)).read_text()
    assert not re.search(r'from "\./[\w-]+\.js"', text)
