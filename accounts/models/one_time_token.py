"""Links that work once: what stands here is a digest, so that the table opens nothing."""

from django.conf import settings
from django.db import models


class OneTimeToken(models.Model):
    """Proof that somebody reads the mail of `email`. Whoever changes `used_at` from null has used it."""

    class Purpose(models.TextChoices):
        VERIFY = "verify"
        CHANGE_EMAIL = "change_email"
        RESET = "reset"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token.")
    email = models.EmailField(max_length=254, help_text="The address that it was sent to.")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "purpose"], name="one_time_token_of_user")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.issued_at:%Y-%m-%d %H:%M}"
