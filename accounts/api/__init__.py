"""The API of accounts: who somebody is, and the calls under `auth/`."""
