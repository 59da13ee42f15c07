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
        PASSWORD_REFUSED = "password_refused", "Password asked again and refused"
        SECOND_FACTOR_ON = "second_factor_on", "Second factor switched on"
        SECOND_FACTOR_OFF = "second_factor_off", "Second factor switched off"
        API_KEY_MADE = "api_key_made", "API key made"
        API_KEY_REVOKED = "api_key_revoked", "API key revoked"
        ACCOUNT_CHANGED = "account_changed", "Account changed by staff"
        PASSWORD_CHANGED = "password_changed", "Password changed"

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
        ]

    def __str__(self) -> str:
        return f"{self.said} {self.at:%Y-%m-%d %H:%M}"

    @property
    def said(self) -> str:
        """The action for people."""
        return str(self.Action(self.action).label) if self.action in self.Action else self.action
