"""Brands import their sheets: dry run, read the errors, confirm, wait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from teahouse.demo.journey.crew import Stage, await_that, together
from teahouse.demo.journey.town import Brand

PUBLISHED = "published"
PUBLISHED_WITHIN_SECONDS = 180.0
CSV = {"Content-Type": "text/csv"}


def stock(brands: Sequence[Brand], stage: Stage) -> None:
    """Import every brand's sheet; afterwards each knows its lots and its broken lines."""
    # The largest first, so that the worker is busy while the small ones are uploaded.
    ordered = sorted(brands, key=lambda brand: -brand.lots_expected)
    stage.expect(sum(brand.lots_expected for brand in ordered))
    imports = together(lambda brand: (brand, _upload(brand)), ordered, _Silent())
    for brand, import_id in imports:
        brand.lots = _published(brand, import_id)
        stage.step(brand.lots)


def _upload(brand: Brand) -> str:
    """Have the sheet checked, note what is wrong with it, and confirm the rest."""
    checked = brand.party.post(
        "catalog", "/v1/imports", data=brand.sheet.read_bytes(), headers=CSV
    )
    path = f"/v1/imports/{checked['id']}"
    if checked["bad"]:
        brand.errors = [_error(line) for line in brand.party.every("catalog", f"{path}/errors")]
    brand.party.post("catalog", f"{path}/confirmations")
    return str(checked["id"])


def _error(line: dict[str, Any]) -> tuple[int, str]:
    faults = "; ".join(f"{fault['column']} {fault['reason']}".strip() for fault in line["faults"])
    return int(line["line"]), faults


def _published(brand: Brand, import_id: str) -> int:
    """Wait for the worker; answer how many lots there are now."""

    def look() -> int | None:
        found = brand.party.get("catalog", f"/v1/imports/{import_id}")
        return int(found["published"]) if found["state"] == PUBLISHED else None

    return await_that(
        f"the import of {brand.name}",
        look,
        timeout_seconds=PUBLISHED_WITHIN_SECONDS,
        poll_seconds=0.25,
    )


class _Silent:
    """Uploads are told of as the lots that come of them."""

    def expect(self, more: int) -> None:
        """Nothing to tell."""

    def step(self, count: int = 1) -> None:
        """Nothing to tell."""
