"""Asking the calls under `auth/`."""

import pytest


@pytest.fixture
def post(client):
    def send_to(call, body, **options):
        return client.post(f"/api/v1/auth/{call}", body, content_type="application/json", **options)

    return send_to
