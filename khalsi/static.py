"""Static files under hashed names, imports between scripts included, compressed once at collection."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise is not typed here
    support_js_module_import_aggregation = True
