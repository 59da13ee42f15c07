"""Static files under hashed names, imports between our own scripts included, compressed once at collection."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

OWN_SCRIPTS = "js/*.js"


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise is not typed here
    """Django's switch for imports would read every script, also the comments of other people's, which name files that
    were never shipped; then nothing is collected at all."""

    def __init__(self, *args: Any, **options: Any) -> None:
        _, imports = self._js_module_import_aggregation_patterns
        self.patterns = (*self.patterns, (OWN_SCRIPTS, imports))
        super().__init__(*args, **options)
