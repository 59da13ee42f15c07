"""Closed candles of one token, one interval and one source."""

from typing import Any

from django.db import models
from django.db.models.sql.compiler import SQLCompiler

from markets.models.token import Token


class EndsADay(models.Func):
    """Whether the hour that opened then closes at midnight UTC, as each database can keep it in an index; a query that
    says the same, letter by letter, is answered from there.
    """

    output_field = models.BooleanField()
    template = "EXTRACT(HOUR FROM %(expressions)s AT TIME ZONE 'UTC') = 23"
    template_of_sqlite = "substr(%(expressions)s, 12, 2) = '23'"

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template=self.template_of_sqlite, **context)


class Candle(models.Model):
    """One closed bar, known by its opening time; it closes at `open_time` + `interval`.

    CoinGecko's points have a close alone: open, high, low and volume are null there, and `source` says so.
    """

    pk = models.CompositePrimaryKey("token_id", "interval", "open_time")
    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="candles")
    interval = models.PositiveIntegerField(help_text="Seconds: 900 or 3600.")
    open_time = models.DateTimeField()
    open = models.FloatField(null=True)
    high = models.FloatField(null=True)
    low = models.FloatField(null=True)
    close = models.FloatField()
    volume = models.FloatField(null=True, help_text="In the token, not in USD.")
    source = models.CharField(max_length=24)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(close__gt=0), name="candle_close_positive"),
            models.CheckConstraint(
                condition=models.Q(interval__in=(900, 3600)), name="candle_interval_known"
            ),
            models.CheckConstraint(
                condition=models.Q(high__isnull=True)
                | (models.Q(high__gte=models.F("close")) & models.Q(low__lte=models.F("close"))),
                name="candle_close_within",
            ),
        ]
        indexes = [
            models.Index(fields=["interval", "open_time"]),
            models.Index(
                fields=["token", "open_time", "close"],
                condition=models.Q(EndsADay("open_time"), interval=3600),
                name="candle_daily_closes",
            ),
        ]
