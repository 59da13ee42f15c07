"""What the calls under `exchanges` take and answer, field by field. Keys are only ever taken."""

from typing import Any

from rest_framework import serializers

from core.api.fields import OneOf, PlainText, StrictBoolean, TextUUID, UtcDateTime
from core.api.schema import example
from portfolios.exchanges.profiles import PROFILES
from portfolios.exchanges.records import Verdict
from portfolios.models import Connection
from portfolios.models.connection import MOST_NAME

MOST_KEY, MOST_SECRET, MOST_PASSPHRASE = 200, 4000, 100


class KeysInput(serializers.Serializer[dict[str, Any]]):
    """Which of them an exchange needs, `exchanges/supported` tells."""

    exchange = OneOf(list(PROFILES))
    key = PlainText(write_only=True, max_length=MOST_KEY)
    secret = PlainText(write_only=True, max_length=MOST_SECRET, multiline=True)
    passphrase = PlainText(write_only=True, required=False, default="", max_length=MOST_PASSPHRASE)


@example({"exchange": "kraken", "key": "your key", "secret": "your private key"})
class TestInput(KeysInput):
    pass


@example({"exchange": "kraken", "key": "your key", "secret": "your private key", "name": "Savings"})
class ConnectInput(KeysInput):
    name = PlainText(required=False, default="", max_length=MOST_NAME)
    portfolio_id = TextUUID(required=False, help_text="Where it is booked; left out: the default portfolio.")
    confirm_read_only = StrictBoolean(
        required=False, default=False, help_text="That the keys only read, where the exchange does not say."
    )
    dollar_coins = StrictBoolean(
        required=False,
        default=False,
        help_text="Take stablecoins for a dollar each; else what was traded for them has an unknown cost.",
    )
    connection_id = TextUUID(
        required=False, help_text="An own connection that gets these keys instead of its present ones."
    )


class FieldOutput(serializers.Serializer[Any]):
    name = serializers.ChoiceField(["key", "secret", "passphrase"])
    label = serializers.CharField()  # type: ignore[assignment]  # the contract's word
    help = serializers.CharField()
    is_secret = serializers.BooleanField()
    is_long = serializers.BooleanField()


class SupportedOutput(serializers.Serializer[Any]):
    exchange = serializers.ChoiceField(list(PROFILES))
    name = serializers.CharField()
    fields = FieldOutput(many=True)  # type: ignore[assignment]  # the contract's word
    advice = serializers.CharField(help_text="How to make keys that can only read.")
    unknowable = serializers.ListField(
        child=serializers.CharField(), help_text="What its history cannot show."
    )


class ExaminedOutput(serializers.Serializer[Any]):
    exchange = serializers.ChoiceField(list(PROFILES))
    usable = serializers.BooleanField()
    verdict = serializers.ChoiceField([verdict.value for verdict in Verdict])
    must_confirm = serializers.BooleanField(help_text="Connect with `confirm_read_only`.")
    reason = serializers.CharField(allow_blank=True)
    more = serializers.ListField(child=serializers.CharField(), help_text="What they may beside reading.")
    lacking = serializers.ListField(child=serializers.CharField())
    assets = serializers.IntegerField(allow_null=True, help_text="How many tokens the account holds.")


class CompletenessOutput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["trades", "deposits", "withdrawals"])
    complete_until = UtcDateTime(allow_null=True)
    refused = serializers.IntegerField(help_text="Rows that made no sense; the history stays open there.")


class ConnectionOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    exchange = serializers.ChoiceField(list(PROFILES))
    name = serializers.CharField()
    purpose = serializers.ChoiceField(Connection.Purpose.values)
    portfolio_id = serializers.UUIDField()
    dollar_coins = serializers.BooleanField(help_text="Stablecoins are taken for a dollar each.")
    state = serializers.ChoiceField(Connection.State.values)
    is_syncing = serializers.BooleanField()
    is_stale = serializers.BooleanField(help_text="Not read for an hour, or not any more.")
    last_sync_at = UtcDateTime(allow_null=True)
    due_at = UtcDateTime(allow_null=True)
    last_error = serializers.CharField(allow_blank=True)
    last_error_at = UtcDateTime(allow_null=True)
    failures = serializers.IntegerField(help_text="In a row.")
    rights = serializers.ChoiceField([verdict.value for verdict in Verdict])
    rights_seen_at = UtcDateTime()
    rights_confirmed_at = UtcDateTime(allow_null=True)
    completeness = serializers.ChoiceField(["complete", "reading", "incomplete", "unknown"])
    history = CompletenessOutput(many=True)
    differences = serializers.IntegerField(
        help_text="Tokens whose balance differs from what the history adds up to."
    )
    unknowable = serializers.ListField(child=serializers.CharField())
    job_id = serializers.IntegerField(allow_null=True, help_text="A synchronisation that was asked for.")
    created_at = UtcDateTime()


class SyncOutput(serializers.Serializer[Any]):
    job_id = serializers.IntegerField(help_text="`/jobs/{job_id}` tells how far it is.")


class SyncAllOutput(serializers.Serializer[Any]):
    job_ids = serializers.ListField(child=serializers.IntegerField())


class DisconnectQuery(serializers.Serializer[dict[str, Any]]):
    with_transactions = StrictBoolean(required=False, default=False)
