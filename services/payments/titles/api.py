"""Invoice titles over HTTP: each organisation its own."""

from __future__ import annotations

from chassis.auth import principal
from chassis.permissions import Permission
from chassis.web import Blueprint, needs
from services.payments.titles.domain import Title
from services.payments.titles.schemas import SetTitleSchema, TitleReply
from services.payments.titles.use_cases import SetTitle, Titles, set_title, title_of
from sharing.terms import PLATFORM


def titles_blueprint(titles: Titles) -> Blueprint:
    """The route ``/v1/invoice-title``."""
    blueprint = Blueprint(
        "invoice-title",
        __name__,
        url_prefix="/v1/invoice-title",
        description="Whom the invoices of an organisation are made out by and to",
    )

    def whose() -> str:
        caller = principal()
        return PLATFORM if caller.is_platform else caller.organization_id

    @blueprint.get("")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, TitleReply)
    def read_title() -> Title:
        """Read how the caller's invoices are made out."""
        return title_of(whose(), titles=titles)

    @blueprint.put("")
    @needs(Permission.PAYMENTS_TITLE_SET)
    @blueprint.arguments(SetTitleSchema)
    @blueprint.response(200, TitleReply)
    def put_title(body: dict[str, str]) -> Title:
        """Say how the caller's invoices are made out from now on; issued ones stay."""
        return set_title(SetTitle(organization_id=whose(), **body), titles=titles)

    return blueprint
