"""The one name of a public reply: its path and its query, however they were written."""

import re
from functools import lru_cache

ROOT = "/api/v1/"
_PATH = re.compile(r"/api/v1/[A-Za-z0-9._~/-]{1,150}")
_QUERY = re.compile(r"[A-Za-z0-9._~=&,:-]{0,250}")


@lru_cache(maxsize=8192)
def key(path: str, query: str = "") -> str | None:
    """Without one trailing slash, parameters in order. None where the spelling is odd (escapes, repeats, very
    long): such a request is answered by its view, which knows what it means."""
    if not _PATH.fullmatch(path) or not _QUERY.fullmatch(query):
        return None
    path = path.removesuffix("/")
    if not query:
        return path
    pairs = sorted(query.split("&"))
    names = {pair.partition("=")[0] for pair in pairs}
    if len(names) != len(pairs) or "" in names:
        return None
    return f"{path}?{'&'.join(pairs)}"


def parameters_of(name: str) -> set[str]:
    """The names of the parameters in a key."""
    query = name.partition("?")[2]
    return {pair.partition("=")[0] for pair in query.split("&")} if query else set()
