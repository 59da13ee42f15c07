"""How Khalsi answers over HTTP: one envelope, one handler for refusals, limits, and ready bytes in front of
Django."""
