"""Brands import their sheets: dry run, read the errors, confirm, wait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from teahouse.demo.journey.crew import Stage, await_that, together
from teahouse.demo.journey.town import Brand

CHECKING = "checking"
PUBLISHED = "published"
CHECKED_WITHIN_SECONDS = 120.0
PUBLISHED_WITHIN_SECONDS = 180.0
CSV = {"Content-Type": "text/csv"}


def send_sheets(brands: Sequence[Brand], stage: Stage) -> None:
    """Have every brand's sheet checked, its errors read, and the good lines confirmed."""
    # The largest first, so that the worker is busy while the small ones are uploaded.
    together(_send, sorted(brands, key=lambda brand: -brand.lots_expected), stage)


def await_lots(brands: Sequence[Brand], stage: Stage) -> None:
    """Wait until the worker has published everything; then each brand knows its lots."""
    stage.expect(sum(brand.lots_expected for brand in brands))
    for brand in sorted(brands, key=lambda brand: -brand.lots_expected):
        brand.lots = _published(brand)
        stage.step(brand.lots)


def _send(brand: Brand) -> None:
    taken = brand.party.post("catalog", "/v1/imports", data=brand.sheet.read_bytes(), headers=CSV)
    brand.import_id = taken["id"]
    path = f"/v1/imports/{brand.import_id}"
    checked = _checked(brand, path)
    if checked["bad"]:
        brand.errors = [_error(line) for line in brand.party.every("catalog", f"{path}/errors")]
    brand.party.post("catalog", f"{path}/confirmations")


def _checked(brand: Brand, path: str) -> dict[str, Any]:
    """Wait for the worker's dry run; answer what it found."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = brand.party.get("catalog", path)
        return None if found["state"] == CHECKING else found

    return await_that(
        f"the check of {brand.name}'s sheet",
        look,
        timeout_seconds=CHECKED_WITHIN_SECONDS,
        poll_seconds=0.25,
    )


def _error(line: dict[str, Any]) -> tuple[int, str]:
    faults = "; ".join(f"{fault['column']} {fault['reason']}".strip() for fault in line["faults"])
    return int(line["line"]), faults


def _published(brand: Brand) -> int:
    """Wait for the worker; answer how many lots there are now."""

    def look() -> int | None:
        found = brand.party.get("catalog", f"/v1/imports/{brand.import_id}")
        return int(found["published"]) if found["state"] == PUBLISHED else None

    return await_that(
        f"the import of {brand.name}",
        look,
        timeout_seconds=PUBLISHED_WITHIN_SECONDS,
        poll_seconds=0.25,
    )
