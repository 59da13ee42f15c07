"""The staff site."""

from unfold.sites import UnfoldAdminSite


class StaffSite(UnfoldAdminSite):
    site_header = site_title = "Khalsi staff"
    index_title = "What needs a look"
