"""The JSON of invoice titles."""

from __future__ import annotations

from marshmallow import fields

from chassis.web.schemas import Reply, Request, Text


class SetTitleSchema(Request):
    """Body of ``PUT /v1/invoice-title``; ``tax_number`` is left out where there is none."""

    title = Text(100, required=True)
    tax_number = Text(40, shortest=0, load_default="")


class TitleReply(Reply):
    """How an organisation's invoices are made out; the platform's id is ``platform``."""

    organization_id = fields.String()
    title = fields.String()
    tax_number = fields.String()
