"""What a client says it is, in words that its owner knows it by."""

_PROGRAMS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"), ("Chrome/", "Chrome"), ("CriOS/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
"""The first that is found: most browsers call themselves by the names of others, too."""
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("CrOS", "ChromeOS"), ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
_SHOWN = 60


def device_text(user_agent: str) -> str:
    """`Firefox on Linux`; what is no browser by its own beginning; `unknown` where nothing was said."""
    program, system = (_first(names, user_agent) for names in (_PROGRAMS, _SYSTEMS))
    if program:
        return f"{program} on {system}" if system else program
    shortened = user_agent if len(user_agent) <= _SHOWN else f"{user_agent[: _SHOWN - 1]}…"
    return shortened or "unknown"


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for sign, name in names if sign in user_agent), "")
