"""Who uses Khalsi: users, sessions, tokens."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from accounts.receivers import note_site_entry

        user_logged_in.connect(note_site_entry)
