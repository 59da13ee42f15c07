"""Worths that nobody stated, of rows booked before they were valued at market: marked for the job that fills them in.
One statement; it can run again. Long on a table of millions of rows."""

from django.db import migrations
from django.db.models import F, Q

TRADES, TRANSFERS, OTHERS = ("buy", "sell"), ("transfer_in", "transfer_out"), ("reward", "airdrop", "fee")


def mark(apps, schema_editor):
    follows = Q(fee_asset=F("asset")) | Q(fee_asset=F("quote_asset"), kind__in=TRADES)
    without_worth = Q(price_usd=None) & (Q(kind__in=OTHERS) | Q(kind__in=TRADES) & ~Q(quote_asset=""))
    without_fee = Q(fee_usd=None, fee_quantity__gt=0) & ~Q(fee_asset="")
    without_fee &= ~follows | Q(fee_asset=F("asset"), kind__in=TRANSFERS, price_usd=None)
    rows = apps.get_model("portfolios", "Transaction").objects.filter(market_worth_usd=None, market_fee_usd=None)
    rows.filter(without_worth | without_fee).update(awaits_close=True)


class Migration(migrations.Migration):
    dependencies = [("portfolios", "0009_value_at_market")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop, elidable=True)]
