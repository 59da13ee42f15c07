"""Tasks that kept failing, kept until staff have read them and run them again or let them go."""

from django.db import models


class DeadLetter(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting"
        RETRIED = "retried"
        DROPPED = "dropped"

    id = models.BigAutoField(primary_key=True)
    task = models.CharField(max_length=128)
    queue = models.CharField(max_length=32, blank=True)
    arguments = models.JSONField(default=dict, help_text="Ids and plain words only.")
    error_class = models.CharField(max_length=128)
    error = models.TextField()
    attempts = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    failed_at = models.DateTimeField(help_text="Wall time.")
    settled_at = models.DateTimeField(null=True, blank=True, help_text="Wall time.")

    class Meta:
        indexes = [models.Index(fields=["state", "-failed_at"])]

    def __str__(self) -> str:
        return f"{self.task}: {self.error_class}"
