"""What a user waits for, how often he wants to hear of it, and where the waiting stands."""

import uuid
from datetime import timedelta
from functools import cached_property

from django.conf import settings
from django.db import models

from accounts.models.preferences import Preferences
from alerts.conditions.base import Condition
from alerts.conditions.kinds import condition_for
from alerts.conditions.rhythm import QuietHours, Rhythm, Standing, silent_until
from alerts.models.gauge import Gauge
from markets.models import Token
from portfolios.models import Portfolio

MOST_NOTE = 200


class Alert(models.Model):
    """A condition on one gauge, of a token or of an own portfolio, with its rhythm.

    `memory` is what the condition remembers of the last reading (see `alerts.conditions`), and `wakes_above` and
    `wakes_below` say from which reading on it would want to change that: an index finds those that could, and nobody
    looks at the others. All times are market time, except `created_at` and `changed_at`.
    """

    class Kind(models.TextChoices):
        PRICE_ABOVE = "price_above", "Price above"
        PRICE_BELOW = "price_below", "Price below"
        PRICE_CROSSING = "price_crossing", "Price crossing"
        PRICE_CHANGE = "price_change", "Price change"
        VOLUME_SPIKE = "volume_spike", "Volume spike"
        FORECAST_PROBABILITY = "forecast_probability", "Forecast probability"
        FORECAST_CONFIDENCE = "forecast_confidence", "Forecast confidence"
        FORECAST_FLIP = "forecast_flip", "Favoured class flips"
        FORECAST_NEW = "forecast_new", "New forecast"
        RSI = "rsi", "RSI crossing"
        MOVING_AVERAGE = "moving_average", "Moving averages crossing"
        SOURCE_STALE = "source_stale", "Price gone stale"
        PORTFOLIO_ABOVE = "portfolio_above", "Portfolio worth more"
        PORTFOLIO_BELOW = "portfolio_below", "Portfolio worth less"
        PORTFOLIO_CROSSING = "portfolio_crossing", "Portfolio worth crossing"
        PORTFOLIO_DRAWDOWN = "portfolio_drawdown", "Portfolio fallen from its highest"

    class Repeat(models.TextChoices):
        ONCE = "once", "Once"
        RECURRING = "recurring", "Each time"

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        FIRED = "fired", "Fired, and done"
        EXPIRED = "expired", "Expired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alerts")
    token = models.ForeignKey(Token, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    portfolio = models.ForeignKey(
        Portfolio, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(max_length=24, choices=Kind)
    params = models.JSONField(help_text="What the kind needs to know; checked by its condition.")
    repeat = models.CharField(max_length=9, choices=Repeat, default=Repeat.ONCE)
    cooldown_seconds = models.PositiveIntegerField(default=0, help_text="Silence after an event.")
    hysteresis = models.FloatField(default=0.0, help_text="How far the reading must go back first.")
    expires_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    quiet_from = models.TimeField(null=True, blank=True, help_text="In the owner's time zone.")
    quiet_to = models.TimeField(null=True, blank=True)
    note = models.CharField(max_length=MOST_NOTE, blank=True)
    channels = models.ManyToManyField(
        "alerts.NotificationChannel", blank=True, related_name="alerts", help_text="Beside the inbox."
    )
    state = models.CharField(max_length=7, choices=State, default=State.ACTIVE)
    last_event_at = models.DateTimeField(null=True, blank=True)

    gauge = models.ForeignKey(Gauge, on_delete=models.RESTRICT, related_name="alerts")
    memory = models.CharField(max_length=24, blank=True)
    armed = models.BooleanField(default=True, help_text="Off until the reading has gone back far enough.")
    wakes_above = models.FloatField(null=True, blank=True)
    wakes_below = models.FloatField(null=True, blank=True)
    asleep_until = models.DateTimeField(
        null=True, blank=True, help_text="Cooldown or snooze of an armed alert."
    )
    created_at = models.DateTimeField(help_text="Wall time.")
    changed_at = models.DateTimeField(help_text="Wall time.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="alert_quiet_hours_whole",
            ),
            models.CheckConstraint(condition=models.Q(hysteresis__gte=0), name="alert_hysteresis_positive"),
            models.CheckConstraint(
                condition=models.Q(token=None) ^ models.Q(portfolio=None), name="alert_of_one_subject"
            ),
        ]
        indexes = [
            models.Index(
                fields=["gauge", "wakes_above"],
                condition=models.Q(state="active", wakes_above__isnull=False),
                name="alerts_waking_above",
            ),
            models.Index(
                fields=["gauge", "wakes_below"],
                condition=models.Q(state="active", wakes_below__isnull=False),
                name="alerts_waking_below",
            ),
            models.Index(fields=["owner", "-created_at"], name="alerts_of_owner"),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state__in=("active", "paused"), expires_at__isnull=False),
                name="alerts_that_expire",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def subject(self) -> str:
        """What it looks at, by the name that sentences use."""
        return self.token.symbol if self.token else self.portfolio.name if self.portfolio else ""

    @cached_property
    def condition(self) -> Condition:
        return condition_for(self.kind, self.params, self.hysteresis)

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(
            once=self.repeat == self.Repeat.ONCE,
            cooldown=timedelta(seconds=self.cooldown_seconds),
            expires_at=self.expires_at,
            snoozed_until=self.snoozed_until,
        )

    @property
    def standing(self) -> Standing:
        """What was seen before is the gauge's to know."""
        return Standing(memory=self.memory, state=self.state, last_event_at=self.last_event_at)

    @property
    def quiet_hours(self) -> QuietHours | None:
        """Its own, or else those that its owner chose for everything; by the owner's clock."""
        chosen = Preferences.of(self.owner.preferences)
        if self.quiet_from is not None and self.quiet_to is not None:
            return QuietHours(self.quiet_from, self.quiet_to, chosen.zone)
        usual = chosen.quiet_hours
        return QuietHours(usual.start, usual.end, chosen.zone) if usual else None

    def stand(self, standing: Standing) -> None:
        """Take over this standing, and what follows from it for when to look again. Saves nothing."""
        wakes = self.condition.wakes(standing.memory)
        self.memory, self.state = standing.memory, standing.state
        self.last_event_at = standing.last_event_at
        self.wakes_above, self.wakes_below = wakes.above, wakes.below
        self.armed = self.condition.is_armed(standing.memory)
        # What knows nothing yet must learn it while it is silent, or its first change would be lost.
        may_sleep = self.armed and standing.memory != ""
        self.asleep_until = silent_until(self.rhythm, standing.last_event_at) if may_sleep else None
