"""An organisation's name and tax number as its invoices show them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from chassis.kernel.decisions import Revision
from chassis.kernel.errors import NotFound, RuleBroken

_TAX_NUMBER = re.compile(r"[0-9A-Z]{8,20}")


class TitleNotFound(NotFound):
    """The organisation has not said how its invoices are made out."""

    code = "invoice-title-not-found"
    hint = "Send the title, and the tax number if there is one, to PUT /v1/invoice-title."
    chinese = "尚未填写发票抬头；请提交抬头及税号。"


class TaxNumberUnfit(RuleBroken):
    """A tax number is 8 to 20 capitals and digits."""

    code = "tax-number-unfit"
    hint = "Write the number without spaces and dashes, or leave it out if there is none."
    chinese = "税号应为 8 至 20 位大写字母或数字，不含空格和横线；没有税号请留空。"


@dataclass(frozen=True, slots=True)
class Title:
    """Whom invoices are made out by and to; empty for an organisation that said nothing.

    ``organization_id`` is ``platform`` for the platform. A person has no tax number.
    """

    organization_id: str
    title: str = ""
    tax_number: str = ""
    revision: Revision = Revision()

    def change(self, *, title: str, tax_number: str) -> Title:
        """Say it anew; raise ``TaxNumberUnfit``. Invoices that are issued stay as they are."""
        if tax_number and _TAX_NUMBER.fullmatch(tax_number) is None:
            raise TaxNumberUnfit(f"{len(tax_number)} characters")
        return replace(self, title=title, tax_number=tax_number)
