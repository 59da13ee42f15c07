"""What changes accounts: registration, log-in, tokens, sessions, profile and passwords."""
