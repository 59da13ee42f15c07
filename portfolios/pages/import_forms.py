"""The forms of an import: the file and what is said of it, which column is what, and the word to go on."""

from typing import Any

from django import forms

from accounts.pages.preferences import zone_choices
from core.lib.errors import KhalsiError
from portfolios.models import ImportBatch, Transaction
from portfolios.services.importing.terms import Wanted
from portfolios.statements.mapping import FIELDS, NEEDED, suggested
from portfolios.statements.presets import ALL, OWN
from portfolios.statements.reading import MOST_BYTES

KINDS_OF_FILES = [
    ("", "Known by its header"),
    *((one.name, one.label) for one in ALL),
    (OWN, "Another file: I say which column is what"),
]
_ORDERS = [
    ("auto", "as it is; refused where it is unclear"),
    ("day", "the day first: 31/01/2026"),
    ("month", "the month first: 01/31/2026"),
]
_NO_COLUMN = [("", "not in this file")]
_EVERY_ROW = [
    ("", "as the column says"),
    *((value, f"every row: {label.lower()}") for value, label in Transaction.TransactionKind.choices),
]


class TermsForm(forms.Form):
    """What a file does not say of itself."""

    preset = forms.ChoiceField(label="Whose file it is", choices=KINDS_OF_FILES, required=False)
    zone = forms.ChoiceField(
        label="Time zone", help_text="Of times that name none. Files of exchanges mostly say it themselves."
    )
    date_order = forms.ChoiceField(label="Dates with slashes", choices=_ORDERS)
    decimal_comma = forms.BooleanField(label="Numbers have a decimal comma: 1.234,56", required=False)
    dollar_coins = forms.BooleanField(
        label="Take stablecoins (USDT, USDC and the like) for one dollar each",
        required=False,
        help_text="Without it, what was traded for them has an unknown cost until you say it.",
    )

    def __init__(
        self, data: Any = None, files: Any = None, *, zone: str, wanted: Wanted | None = None
    ) -> None:
        super().__init__(
            data, files, initial=_shown(wanted) if wanted else {"zone": "UTC", "date_order": "auto"}
        )
        field: Any = self.fields["zone"]
        field.choices = zone_choices(zone)

    def wanted(self, **more: Any) -> Wanted:
        said = {name: self.cleaned_data[name] for name in TermsForm.base_fields}
        return Wanted(**said, **more)

    def refuse(self, refusal: KhalsiError) -> None:
        """Beside the fields that it names."""
        for detail in refusal.details:
            self.add_error(detail.field if detail.field in self.fields else None, detail.message)
        if not refusal.details:
            self.add_error(None, refusal.message)


class UploadForm(TermsForm):
    file = forms.FileField(
        label="CSV file",
        help_text=f"Up to {MOST_BYTES // 2**20} MiB and 200,000 rows.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv"}),
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )
    field_order = ("file", "preset")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                f"The file is larger than {MOST_BYTES // 2**20} MiB: import it in parts."
            )
        return file


class MappingForm(TermsForm):
    """Which column is what, beside the rest."""

    every_row = forms.ChoiceField(label="Or, for all rows", choices=_EVERY_ROW, required=False)

    def __init__(self, data: Any = None, *, zone: str, batch: ImportBatch, wanted: Wanted) -> None:
        super().__init__(data, zone=zone, wanted=wanted)
        del self.fields["preset"]
        columns = [*_NO_COLUMN, *((name, name) for name in batch.header)]
        known = wanted.columns or suggested(batch.header)
        own = {
            f"column_{name}": forms.ChoiceField(
                label=f"{label}{'' if name in NEEDED else ' (if any)'}",
                choices=columns,
                required=name in NEEDED,
                initial=known.get(name, ""),
                error_messages={"required": "Choose the column."},
            )
            for name, label in FIELDS.items()
        }
        rest = {name: self.fields[name] for name in ("zone", "date_order", "decimal_comma", "dollar_coins")}
        every = {"every_row": self.fields["every_row"]}
        every["every_row"].initial = wanted.kind
        head = {name: own.pop(name) for name in ("column_executed_at", "column_kind")}
        self.fields = {**head, **every, **own, **rest}

    def wanted(self, **more: Any) -> Wanted:
        said = self.cleaned_data
        columns = {name: said[f"column_{name}"] for name in FIELDS if said.get(f"column_{name}")}
        rest = {name: said[name] for name in ("zone", "date_order", "decimal_comma", "dollar_coins")}
        kind = "" if "kind" in columns else said.get("every_row", "")
        return Wanted(preset=OWN, columns=columns, kind=kind, **rest)

    def refuse(self, refusal: KhalsiError) -> None:
        for detail in refusal.details:
            name = f"column_{detail.field}"
            self.add_error(name if name in self.fields else None, detail.message)
        if not refusal.details:
            self.add_error(None, refusal.message)


class StartForm(forms.Form):
    probable = forms.BooleanField(required=False, label="Import these, too")


def _shown(wanted: Wanted) -> dict[str, Any]:
    names = ("preset", "zone", "date_order", "decimal_comma", "dollar_coins")
    return {name: getattr(wanted, name) for name in names}
