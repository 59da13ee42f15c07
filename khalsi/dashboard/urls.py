"""The pages that show several apps at once."""

from django.urls import path

from khalsi.dashboard.home import home
from khalsi.dashboard.patterns import patterns
from khalsi.dashboard.search import search
from khalsi.dashboard.status import status
from khalsi.dashboard.token import token

urlpatterns = [
    path("", home, name="home"),
    path("tokens/<str:symbol>", token, name="token"),
    path("search", search, name="search"),
    path("status", status, name="status"),
    path("patterns", patterns, name="patterns"),
]
