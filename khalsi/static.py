"""Static files under hashed names, imports between our own scripts included, compressed once at collection."""

from whitenoise.storage import CompressedManifestStaticFilesStorage as Hashed

_, IMPORTS = Hashed._js_module_import_aggregation_patterns


class HashedStorage(Hashed):  # type: ignore[misc]  # whitenoise is not typed here
    """Django's switch for imports would read every script, also the comments of other people's, which name files that
    were never shipped; then nothing is collected at all."""

    patterns = (*Hashed.patterns, ("js/*.js", IMPORTS))
