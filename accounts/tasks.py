"""The jobs of accounts: ids in, one service call, a line of log out. Each can run twice and be lost."""

from datetime import datetime
from uuid import UUID

import structlog
from celery import shared_task

from accounts.services import mail
from accounts.services.clean_up import clean_up
from core.jobs.slots import claim, running
from core.jobs.tasks import JobTask
from core.lib.clock import wall_now

log = structlog.get_logger(__name__)


@shared_task(base=JobTask, name="accounts.send_mail")
def send_mail(mail_id: str) -> None:
    said = mail.send(mail_id=UUID(mail_id), now=wall_now())
    log.info("mail", mail_id=mail_id, said=said)


@shared_task(base=JobTask, name="accounts.sweep_mail")
def sweep_mail(slot: str = "") -> None:
    for mail_id in mail.still_owed(wall_now()):
        send_mail.delay(str(mail_id))


@shared_task(base=JobTask, name="accounts.clean_up")
def clean_up_accounts(slot: str = "") -> None:
    run = claim("clean-up-accounts", datetime.fromisoformat(slot) if slot else None)
    if run is None:
        return
    with running(run):
        removed = clean_up(wall_now())
        run.detail = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in removed.items())
