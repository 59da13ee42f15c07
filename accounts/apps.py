"""Who uses Khalsi: users, sessions, tokens."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
