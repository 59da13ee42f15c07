"""The roof as an app, and the staff site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class KhalsiConfig(AppConfig):
    name = "khalsi"

    def ready(self) -> None:
        from khalsi import (
            checks,  # noqa: F401  registers the checks of the settings
            reporting,
        )
        from khalsi.schedule import admin  # noqa: F401  replaces the library's own pages

        reporting.start()


class StaffSiteConfig(AdminConfig):
    default_site = "khalsi.admin.StaffSite"
