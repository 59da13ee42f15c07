"""Who uses Khalsi: users, sessions, tokens."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in, user_logged_out
        from django.db.models.signals import post_delete, post_save

        from accounts import events, receivers
        from accounts.models import User

        user_logged_in.connect(receivers.open_site_session)
        user_logged_out.connect(receivers.close_site_session)
        post_save.connect(receivers.forget_rights, sender=User)
        post_delete.connect(receivers.forget_rights, sender=User)
        events.session_ended.connect(receivers.close_live_feeds)
        events.mail_owed.connect(receivers.send_owed_mail)
