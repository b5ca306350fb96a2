"""Invoice titles over MongoDB."""

from __future__ import annotations

from chassis import outbox
from services.payments.titles.documents import TitleDocument
from services.payments.titles.domain import Title


class MongoTitles:
    """The ``Titles`` port over the ``invoice_titles`` collection."""

    def find(self, organization_id: str) -> Title:
        """What the organisation said, or an empty title."""
        document = TitleDocument.objects(pk=organization_id).first()
        if document is None:
            return Title(organization_id)
        return Title(
            organization_id, document.title, document.tax_number or "", document.revision()
        )

    def save(self, title: Title) -> None:
        """Store it, or raise ``Conflict``."""
        document = TitleDocument(
            id=title.organization_id,
            organization_id=title.organization_id,
            title=title.title,
            tax_number=title.tax_number or None,
        )
        outbox.save(document, title.revision)
