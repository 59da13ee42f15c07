"""The second factor: the sealed secret of a phone's app, and recovery codes as digests."""

from django.conf import settings
from django.db import models


class SecondFactor(models.Model):
    """It counts once `User.second_factor_since` says so. Whoever raises `last_step` has used that code."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    sealed_secret = models.TextField()
    begun_at = models.DateTimeField()
    last_step = models.BigIntegerField(default=0, help_text="The 30 seconds whose code was used last.")

    def __str__(self) -> str:
        return f"{self.user_id} {self.begun_at:%Y-%m-%d}"


class RecoveryCode(models.Model):
    """Instead of one code of the app, once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the code.")
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="one_recovery_code")]

    def __str__(self) -> str:
        return f"{self.user_id}"
