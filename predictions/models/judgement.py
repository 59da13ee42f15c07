"""How engines came to their roles: every look at a challenger's scores, and every change of a role."""

from django.conf import settings
from django.db import models

from predictions.models.engine_version import EngineVersion


class Judgement(models.Model):
    """One look at a challenger. Looks are counted, since who looks often enough finds anything."""

    id = models.BigAutoField(primary_key=True)
    challenger = models.ForeignKey(EngineVersion, on_delete=models.PROTECT, related_name="judgements")
    against = models.CharField(max_length=80, help_text="The baseline or the champion of that moment.")
    judged_at = models.DateTimeField(help_text="Market time.")
    earned = models.BooleanField()
    reason = models.TextField()
    skill = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    blocks = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["-judged_at"])]


class RoleChange(models.Model):
    """Who became what, on which ground, and why. `user` is null where the rule decided."""

    class Basis(models.TextChoices):
        LIVE = "live", "matured live outcomes"
        WALK_FORWARD = "walk_forward", "walk-forward"
        STAFF = "staff", "staff"
        ROLLBACK = "rollback", "rolled back"

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(EngineVersion, on_delete=models.PROTECT, related_name="role_changes")
    timeframe = models.CharField(max_length=4)
    role_before = models.CharField(max_length=10, blank=True)
    role_after = models.CharField(max_length=10)
    basis = models.CharField(max_length=12, choices=Basis)
    reason = models.TextField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(help_text="Market time.")

    class Meta:
        indexes = [models.Index(fields=["timeframe", "-changed_at"])]

    def __str__(self) -> str:
        return f"{self.version}: {self.role_before or 'new'} → {self.role_after}"
