"""Khalsi in one process: web and live feed in one server, scheduler and workers as threads, the sandbox as a child."""
