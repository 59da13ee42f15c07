"""Who uses Khalsi: users, sessions, tokens."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from accounts import events, receivers

        user_logged_in.connect(receivers.note_site_entry)
        events.mail_owed.connect(receivers.send_owed_mail)
