"""The audit log: who did what to which object from where. Rows are added and read; the database refuses the rest."""

from django.db import models


class AuditEntry(models.Model):
    """One thing that happened to an account. Plain ids alone, so that the account itself can be deleted."""

    class Action(models.TextChoices):
        REGISTERED = "registered", "Account made"
        LOGGED_IN = "logged_in", "Signed in"
        LOGIN_REFUSED = "login_refused", "Sign-in refused"
        SESSION_ENDED = "session_ended", "Session ended"
        REFRESH_REPEATED = "refresh_repeated", "Refresh token used again"
        EMAIL_VERIFIED = "email_verified", "Address confirmed"
        EMAIL_CHANGED = "email_changed", "Address changed"
        EMAIL_CHANGE_ASKED = "email_change_asked", "Another address asked for"
        PASSWORD_REFUSED = "password_refused", "Password asked again and refused"
        SECOND_FACTOR_ON = "second_factor_on", "Second factor switched on"
        SECOND_FACTOR_OFF = "second_factor_off", "Second factor switched off"
        RECOVERY_CODES_RENEWED = "recovery_codes_renewed", "New recovery codes made"
        API_KEY_MADE = "api_key_made", "API key made"
        API_KEY_REVOKED = "api_key_revoked", "API key revoked"
        ACCOUNT_CHANGED = "account_changed", "Account changed by staff"
        PASSWORD_CHANGED = "password_changed", "Password changed"
        CHANNEL_ADDED = "channel_added", "Notification channel added"
        CHANNEL_CONFIRMED = "channel_confirmed", "Notification channel confirmed"
        CHANNEL_REMOVED = "channel_removed", "Notification channel removed"
        CHANNEL_ENDED = "channel_ended", "Mail of a notification channel ended by its link"
        CHANNEL_SECRET = "channel_secret", "Signing secret of a webhook changed"
        EXCHANGE_CONNECTED = "exchange_connected", "Exchange account connected"
        EXCHANGE_KEYS = "exchange_keys", "New keys given for an exchange account"
        EXCHANGE_DISCONNECTED = "exchange_disconnected", "Exchange account disconnected"
        PORTFOLIO_SHARED = "portfolio_shared", "Share link of a portfolio made"
        SHARE_ENDED = "share_ended", "Share link of a portfolio taken back"
        STAFF_ACTED = "staff_acted", "Staff acted"
        EXPORTED = "exported", "Everything stored about the account taken along"
        ACCOUNT_DELETED = "account_deleted", "Account deleted"

    OWNERS_DEEDS = (Action.LOGGED_IN, Action.PASSWORD_CHANGED)
    """Nobody else can do these, so they show where the owner has been."""

    at = models.DateTimeField(help_text="Wall time.")
    action = models.CharField(max_length=32)
    account_id = models.UUIDField(null=True, help_text="Whose account; empty where nobody's was named.")
    actor_id = models.UUIDField(null=True, help_text="Who did it; empty for somebody who was not signed in.")
    object_type = models.CharField(max_length=32, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["account_id", "-id"], name="audit_of_account"),
            models.Index(fields=["action", "-id"], name="audit_of_action"),
            models.Index(
                fields=["account_id", "address"],
                condition=models.Q(action__in=["logged_in", "password_changed"]),
                name="audit_of_places",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.said} {self.at:%Y-%m-%d %H:%M}"

    @property
    def said(self) -> str:
        """The action for people."""
        return str(self.Action(self.action).label) if self.action in self.Action else self.action
