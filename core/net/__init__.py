"""How Khalsi calls out: bounded in time and size, retried with care, within a budget, behind a circuit
breaker."""
