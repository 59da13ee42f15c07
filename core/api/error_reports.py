"""What Django's own page of an error tells a developer: everything but secrets, with DEBUG on, too."""

from pprint import pformat
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from core.lib.redaction import HIDDEN, hidden, hidden_in_text, is_secret_name


class _Told:
    """A value by its text alone."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


class NoSecrets(SafeExceptionReporterFilter):
    """Django's filter looks at names, and at nothing with DEBUG on; a screenshot of the page is shared all the
    same."""

    cleansed_substitute = HIDDEN

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def cleanse_setting(self, key: Any, value: Any) -> Any:
        return hidden({key: super().cleanse_setting(key, value)})[key]

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return _without_secrets(super().get_post_parameters(request))

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> Any:
        found = super().get_traceback_frame_variables(request, tb_frame)
        return [(name, _Told(_shown(name, value))) for name, value in found]


class Report(ExceptionReporter):
    """The same for what stands outside of settings and variables: the error's own words, and the address."""

    def get_traceback_data(self) -> dict[str, Any]:
        data = super().get_traceback_data()
        for name in ("exception_value", "exception_notes", "request_insecure_uri", "unicode_hint"):
            if name in data:
                data[name] = hidden_in_text(str(data[name]))
        for frame in data["frames"]:
            for name in ("exc_cause", "exc_notes"):
                if frame.get(name):
                    frame[name] = hidden_in_text(str(frame[name]))
        data["request_GET_items"] = _without_secrets(dict(data.get("request_GET_items", ()))).items()
        return data


def _without_secrets(named: Any) -> dict[str, Any]:
    return {
        name: HIDDEN if is_secret_name(name) or name in {"token", "code"} else hidden(value)
        for name, value in dict(named).items()
    }


def _shown(name: str, value: Any) -> str:
    if is_secret_name(name):
        return HIDDEN
    try:
        return hidden_in_text(pformat(value))
    except Exception as error:  # as Django has it: a variable that cannot tell of itself is no second error
        return f"Error in formatting: {type(error).__name__}"
