"""What the performance of a portfolio looks like, field by field."""

from typing import Any

from rest_framework import serializers

from portfolios.accounting.xirr import Roots
from portfolios.selectors.performance.benchmarks import CHOICES

_ROOTS = {
    Roots.ONE: "one rate solves it",
    Roots.NONE: "no rate does",
    Roots.SEVERAL: "several do, so none is the return",
    Roots.NO_TIME: "all on one day",
}


def _dollars(help_text: str = "") -> Any:
    return serializers.CharField(allow_null=True, help_text=help_text)


def _percent(help_text: str = "") -> Any:
    return serializers.FloatField(allow_null=True, help_text=help_text)


def _moment(help_text: str = "") -> Any:
    return serializers.DateTimeField(allow_null=True, help_text=help_text)


class MoneyWeightedOutput(serializers.Serializer[Any]):
    roots = serializers.ChoiceField(
        [root.value for root in Roots],
        help_text="; ".join(f"`{root.value}`: {words}" for root, words in _ROOTS.items()),
    )
    percentage = _percent("Over the whole time.")
    xirr_percentage = _percent("By the year, actual days over 365. Null beyond what a number can hold.")
    rates_percentage = serializers.ListField(
        child=serializers.FloatField(), help_text="Every yearly rate that solves it."
    )


class DrawdownOutput(serializers.Serializer[Any]):
    percentage = serializers.FloatField(help_text="Of the time-weighted growth, below zero.")
    peak_at = serializers.DateTimeField()
    trough_at = serializers.DateTimeField()
    recovered_at = _moment("Null while it lasts.")


class BenchmarkOutput(serializers.Serializer[Any]):
    name = serializers.ChoiceField(CHOICES)
    rule = serializers.CharField()
    reason = serializers.CharField(allow_null=True, help_text="Why there is nothing to compare with.")
    vars()["from"] = _moment("From when to when both are known; the `own_` figures are of this time.")
    to = _moment()
    price_percentage = _percent("Of the benchmark alone, without flows.")
    value_usd = _dollars("What the same money would be worth in the end.")
    money_weighted = MoneyWeightedOutput(allow_null=True)
    ran_out_at = _moment("When more was taken out than it had become worth.")
    own_time_weighted_percentage = _percent()
    own_money_weighted = MoneyWeightedOutput(allow_null=True)
    days_with_forecast = serializers.IntegerField(allow_null=True)
    days = serializers.IntegerField(allow_null=True)


class PlaceOutput(serializers.Serializer[Any]):
    time = serializers.DateTimeField()
    value_usd = _dollars("Null where something held has no close.")
    put_in_usd = _dollars("Until the next time.")
    taken_out_usd = _dollars("Until the next time.")
    growth = _percent("Of a dollar that was there from the beginning.")
    below_peak_percentage = _percent()
    benchmark_usd = _dollars()


class GapOutput(serializers.Serializer[Any]):
    vars()["from"] = serializers.DateTimeField()
    to = serializers.DateTimeField()
    assets = serializers.ListField(child=serializers.CharField())


class LeftOutOutput(serializers.Serializer[Any]):
    asset = serializers.CharField()
    reason = serializers.CharField()


class PerformanceOutput(serializers.Serializer[Any]):
    portfolio_id = serializers.UUIDField()
    vars()["from"] = _moment()
    to = _moment()
    interval = serializers.ChoiceField(["1h", "1d"], allow_null=True)
    value_usd = _dollars("In the end.")
    gain_usd = _dollars("Value in the end and taken out, less value in the beginning and put in.")
    put_in_usd = _dollars()
    taken_out_usd = _dollars()
    flows_by_market = serializers.IntegerField(help_text="Flows that the market's close had to value.")
    flows_unknown = serializers.IntegerField(help_text="Flows that nobody can value; then returns are null.")
    time_weighted_percentage = _percent()
    money_weighted = MoneyWeightedOutput(allow_null=True)
    drawdown = DrawdownOutput(allow_null=True)
    volatility_percentage = _percent("By the year, from daily returns; null with fewer than ten of them.")
    volatility_days = serializers.IntegerField()
    benchmark = BenchmarkOutput(allow_null=True)
    series = PlaceOutput(many=True)
    gaps = GapOutput(many=True)
    left_out = LeftOutOutput(many=True)
    observed_at = _moment()
    vars()["source"] = serializers.CharField(allow_null=True)  # the base class has another one
    freshness = serializers.ChoiceField(["live", "stale"])
