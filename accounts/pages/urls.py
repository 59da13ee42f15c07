"""Paths of the account pages."""

from django.urls import path

from accounts.pages import account, outbox, views

urlpatterns = [
    path("sign-in", views.sign_in, name="sign-in"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("sign-up", views.sign_up, name="sign-up"),
    path("account/activity", account.activity, name="account-activity"),
    path("outbox", outbox.outbox, name="outbox"),
]
