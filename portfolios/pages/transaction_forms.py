"""The form of a transaction: the fields that its kind needs, in the reader's own words and time zone."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from django import forms

from core.lib.decimals import parse_plain, trimmed
from core.templatetags.khalsi import zone_text
from portfolios.accounting.movements import Kind
from portfolios.models import Portfolio, Transaction
from portfolios.pages.forms import one_line
from portfolios.selectors.assets import assets_meant
from portfolios.services.entries import MOST_NOTE

_TRADES = (Kind.BUY, Kind.SELL)
_WITH_FEE = (*_TRADES, Kind.TRANSFER_IN, Kind.TRANSFER_OUT)
ASSETS = ("asset", "quote_asset", "fee_asset")
_CLOCK = "%Y-%m-%dT%H:%M:%S"
_LENIENCE, _CENT = Decimal("0.005"), Decimal("0.01")
WORDS = {
    Kind.BUY: "Buy",
    Kind.SELL: "Sell",
    Kind.TRANSFER_IN: "Transfer in",
    Kind.TRANSFER_OUT: "Transfer out",
    Kind.REWARD: "Reward",
    Kind.AIRDROP: "Airdrop",
    Kind.FEE: "Fee",
}
_PRICE_HELP = {
    Kind.BUY: "Leave it empty where you write the total, or where you don’t know.",
    Kind.SELL: "Leave it empty where you write the total, or where you don’t know.",
    Kind.TRANSFER_IN: "What one was worth when you got it: its cost from then on. Leave it empty where you don’t know, "
    "or where it came from another portfolio of yours.",
    Kind.TRANSFER_OUT: "What one was worth, where you know it.",
    Kind.REWARD: "What one was worth when it came: that is income, and its cost from then on.",
    Kind.AIRDROP: "What one was worth when it came: that is income, and its cost from then on.",
    Kind.FEE: "What one was worth, where you know it.",
}


class PlainDecimal(forms.Field):
    """A number in plain digits, exact."""

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off", "spellcheck": "false", "maxlength": "80"}
        super().__init__(widget=forms.TextInput(attrs=attrs), **options)

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        number = parse_plain(text)
        if number is None:
            raise forms.ValidationError("Write a number in plain digits, such as 1234.5.")
        return number

    def prepare_value(self, value: Any) -> Any:
        return trimmed(value) if isinstance(value, Decimal) else value


def _named(**options: Any) -> forms.CharField:
    attrs = {"list": "assets", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
    return forms.CharField(max_length=128, widget=forms.TextInput(attrs=attrs), **options)


class TransactionForm(forms.Form):
    """`entered()` has what services take."""

    asset = _named(label="Token", help_text="A ticker such as SOL, or a CoinGecko id.")
    quantity = PlainDecimal()
    price_usd = PlainDecimal(label="Price of one, in USD", required=False)
    quote_asset = _named(label="Paid with", required=False, help_text="USD, or a token such as USDC.")
    quote_quantity = PlainDecimal(label="Total paid", required=False, help_text="Without the fee.")
    fee_quantity = PlainDecimal(label="Fee", required=False)
    fee_asset = _named(label="Fee paid in", required=False, help_text="USD, or a token.")
    fee_usd = PlainDecimal(
        label="The fee’s worth, in USD", required=False, help_text="Where it was paid in a token."
    )
    executed_at = forms.DateTimeField(
        label="When", widget=forms.DateTimeInput(format=_CLOCK, attrs={"type": "datetime-local", "step": "1"})
    )
    note = forms.CharField(required=False, max_length=MOST_NOTE, help_text="For yourself.")

    to = forms.ChoiceField(label="To", required=False, help_text="Its lots go along to another of yours.")
    arrived = PlainDecimal(
        label="Arrived there", required=False, help_text="Where less came than left; else leave it empty."
    )

    def __init__(
        self,
        kind: Kind,
        zone: tzinfo,
        data: Any = None,
        initial: Any = None,
        others: Iterable[Portfolio] = (),
    ) -> None:
        """`others` are the own portfolios that a transfer may lead to."""
        super().__init__(data, initial=initial)
        self.kind, self.zone = kind, zone
        self._fit()
        self._offer(list(others) if kind is Kind.TRANSFER_OUT else [])

    def clean(self) -> dict[str, Any]:
        """A price and a total that contradict each other are asked about, not chosen between."""
        said = dict(super().clean() or {})
        price, total, quantity = said.get("price_usd"), said.get("quote_quantity"), said.get("quantity")
        in_dollars = said.get("quote_asset", "").strip().upper() in ("", "USD")
        if in_dollars and _differ(price, quantity, total):
            self.add_error("quote_quantity", "Quantity times price is something else: write one of the two.")
        return said

    def clean_executed_at(self) -> datetime:
        """By the reader's clock. One that was not touched stays as it was, to the microsecond."""
        local: datetime = self.cleaned_data["executed_at"].replace(tzinfo=None)
        stored: datetime | None = self.initial.get("stored_at")
        if stored and local == self.initial["executed_at"].replace(microsecond=0):
            return stored
        return local.replace(tzinfo=self.zone)

    def clean_note(self) -> str:
        return one_line(self.cleaned_data["note"])

    def entered(self, said: dict[str, Any]) -> dict[str, Any]:
        """Fields as an `Entry` has them; those that the kind has no field for are empty."""
        names = {name: said.get(name, "") for name in ASSETS}
        meant = assets_meant([word for word in names.values() if word])
        numbers = {name: said.get(name) for name in ("price_usd", "quote_quantity", "fee_usd")}
        return {
            "kind": self.kind,
            "executed_at": said["executed_at"],
            **{name: meant[word] if word else "" for name, word in names.items()},
            "quantity": said["quantity"],
            **numbers,
            "fee_quantity": said.get("fee_quantity") or Decimal(0),
            "note": said["note"],
        }

    def _offer(self, others: list[Portfolio]) -> None:
        to: Any = self.fields["to"]
        to.choices = [("", "Elsewhere"), *((str(one.id), one.name) for one in others)]
        if not others:
            del self.fields["to"], self.fields["arrived"]

    def _fit(self) -> None:
        """Fields that the kind has no use for go; the others say what they mean for it."""
        if self.kind not in _TRADES:
            del self.fields["quote_asset"], self.fields["quote_quantity"]
        elif self.kind is Kind.SELL:
            self.fields["quote_asset"].label, self.fields["quote_quantity"].label = "Got", "Total got"
            self.fields["quote_quantity"].help_text = "Before the fee."
        if self.kind not in _WITH_FEE:
            for name in ("fee_quantity", "fee_asset", "fee_usd"):
                del self.fields[name]
        self.fields["price_usd"].help_text = _PRICE_HELP[self.kind]
        shown: datetime = self.initial["executed_at"]
        self.fields["executed_at"].help_text = f"By your clock, {zone_text(shown.replace(tzinfo=self.zone))}."


def _differ(price: Decimal | None, quantity: Decimal | None, total: Decimal | None) -> bool:
    """By more than rounding explains."""
    if price is None or quantity is None or total is None:
        return False
    return abs(price * quantity - total) > max(total * _LENIENCE, _CENT)


def local(moment: datetime, zone: tzinfo) -> datetime:
    """As the form's clock field has it, which knows of no zones."""
    return moment.astimezone(zone).replace(tzinfo=None)


def shown_of(row: Transaction, symbols: dict[str, str], zone: tzinfo) -> dict[str, Any]:
    """A stored transaction as its form shows it."""
    names = {name: symbols.get(getattr(row, name), getattr(row, name)) or "USD" for name in ASSETS}
    numbers = ("quantity", "price_usd", "quote_quantity", "fee_usd")
    return {
        **names,
        **{name: getattr(row, name) for name in numbers},
        "fee_quantity": row.fee_quantity or None,
        "executed_at": local(row.executed_at, zone),
        "stored_at": row.executed_at,
        "note": row.note,
    }
