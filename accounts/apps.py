"""Who uses Khalsi: users, sessions, tokens."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from accounts import events, receivers

        user_logged_in.connect(receivers.open_site_session)
        user_logged_out.connect(receivers.close_site_session)
        events.session_ended.connect(receivers.close_live_feeds)
        events.mail_owed.connect(receivers.send_owed_mail)
