"""Paths of the account pages."""

from django.urls import path

from accounts.pages import (
    account,
    api_keys,
    outbox,
    preferences,
    profile,
    recovery,
    second_factor,
    security,
    sessions,
    views,
)

urlpatterns = [
    path("sign-in", views.sign_in, name="sign-in"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("sign-up", views.sign_up, name="sign-up"),
    path("verify-email", recovery.verify_email, name="verify-email"),
    path("resend-verification", recovery.resend_verification, name="resend-verification"),
    path("forgot-password", recovery.forgot_password, name="forgot-password"),
    path("reset-password", recovery.reset, name="reset-password"),
    path("account", profile.profile, name="account"),
    path("account/preferences", preferences.preferences, name="account-preferences"),
    path("account/password", security.password, name="account-password"),
    path("account/email", security.email, name="account-email"),
    path("account/second-factor", second_factor.second_factor, name="account-second-factor"),
    path("account/second-factor/recovery-codes", second_factor.recovery_codes, name="account-recovery-codes"),
    path("account/api-keys", api_keys.api_keys, name="account-api-keys"),
    path("account/api-keys/<uuid:key_id>/revoke", api_keys.revoke, name="account-api-key-revoke"),
    path("account/sessions", sessions.sessions, name="account-sessions"),
    path("account/sessions/end", sessions.end_all, name="account-sessions-end"),
    path("account/sessions/<uuid:session_id>/end", sessions.end, name="account-session-end"),
    path("account/activity", account.activity, name="account-activity"),
    path("outbox", outbox.outbox, name="outbox"),
]
