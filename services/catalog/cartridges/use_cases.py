"""What can be done with cartridges: publish a version, yank one, rehearse one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from cartridges.canonical import tidy
from cartridges.check import problems_of
from cartridges.conditions import ConditionRefused
from cartridges.package import Package, package_problems, read_package
from cartridges.problems import CartridgeRefused
from cartridges.rehearsal import RunSheet, facts_for, run_sheet
from cartridges.signing import signature_problems
from chassis.kernel.decisions import Decision
from services.catalog.authors.use_cases import AuthorKeys
from services.catalog.cartridges.domain import (
    Cartridge,
    CartridgeNotFound,
    CartridgeVersion,
    NoAnswer,
    cartridge_id,
    check_lineage,
    check_origin,
    invalid,
    refuse,
    royalties_of,
)
from services.catalog.similarity.domain import Print, Report, Twin, compare
from services.catalog.similarity.use_cases import (
    MOST_COMPARED,
    Prints,
    find_alike,
    take_print,
)


class Cartridges(Protocol):
    """The registry, wherever it is kept."""

    def find(self, cartridge_id: str) -> Cartridge | None:
        """The cartridge, or None when its author has published none of that name."""
        ...

    def version(self, cartridge_id: str, version: str) -> CartridgeVersion:
        """One published version; raise ``CartridgeNotFound``."""
        ...

    def pinned(self, digest: str) -> CartridgeVersion | None:
        """The version with this digest, or None."""
        ...

    def yanked_among(self, digests: Collection[str]) -> set[str]:
        """Those of these digests whose versions were yanked, without reading any package."""
        ...

    def save(self, decision: Decision[Cartridge]) -> Cartridge:
        """Store cartridge, new version and event together, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishVersion:
    """An author's wish to publish a package, and what that is like."""

    author_id: str
    package: Package
    mine: Print
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class YankVersion:
    """An author's wish that a version be used no more."""

    author_id: str
    cartridge_id: str
    version: str
    reason: str


def bare_package(manifest: Mapping[str, Any]) -> Package:
    """The package of a manifest without files, unsigned; raise ``ManifestInvalid``."""
    refuse(problems_of(manifest))
    package = Package(tidy(manifest))
    refuse(package_problems(package))
    return package


def whole_package(content: bytes) -> Package:
    """The package in a file, as it is; raise ``ManifestInvalid``."""
    try:
        return read_package(content)
    except CartridgeRefused as refusal:
        raise invalid(refusal.problems) from None


def prepare_version(
    author_id: str, package: Package, *, prints: Prints, now: datetime
) -> PublishVersion:
    """Compare a checked package with all that is published, before anything is locked.

    What is published already is not compared again. Raises ``ManifestInvalid`` for a missing
    or wrong signature.
    """
    refuse(signature_problems(package))
    mine = _print(author_id, package, prints=prints, at=now)
    report = prints.kept(package.digest) or find_alike(mine, prints=prints, now=now)
    return PublishVersion(author_id=author_id, package=package, mine=mine, report=report)


def publish_version(
    command: PublishVersion, *, cartridges: Cartridges, keys: AuthorKeys, prints: Prints
) -> CartridgeVersion:
    """Publish what was prepared; publishing the very same again answers what is there.

    It is published as of when it was compared. Who shares its royalty is settled now, and
    stays; so is what it is like, which is told and never a reason to refuse. Raises
    ``CartridgeCopied``, ``AuthorKeyUnknown``, the rules of lineage, and ``VersionImmutable``.
    """
    manifest = command.package.manifest
    check_origin(command.author_id, cartridges.pinned(command.package.digest))
    name, version = str(manifest["name"]), str(manifest["version"])
    key = cartridge_id(command.author_id, name)
    cartridge = cartridges.find(key) or Cartridge(key, command.author_id, name)
    royalties = _royalties(command, cartridges=cartridges, keys=keys)
    decision = cartridge.publish(command.package, royalties, at=command.mine.published_at)
    if decision.events:
        cartridges.save(decision)
        prints.keep(command.mine, command.report)
    published = cartridges.version(key, version)
    return replace(published, report=prints.kept(published.digest))


def likeness_of(
    version: CartridgeVersion, *, as_published: bool, prints: Prints, now: datetime
) -> Report:
    """What a version is like now, or was like when it was published."""
    kept = prints.kept(version.digest) if as_published else None
    mine = _print(version.author_id, version.package, prints=prints, at=version.published_at)
    return kept or find_alike(mine, prints=prints, now=now)


def likeness_of_draft(
    author_id: str, package: Package, *, prints: Prints, now: datetime
) -> Report:
    """What a package would be like if it were published now; nothing is kept."""
    return find_alike(_print(author_id, package, prints=prints, at=now), prints=prints, now=now)


def compare_versions(
    version: CartridgeVersion, other: CartridgeVersion, *, prints: Prints
) -> tuple[Twin, tuple[str, ...]]:
    """How much one version is like another; and the digests of the lineage it declares.

    Left out is what it took from its lineage, and what its author had published before the
    other: text that she had first is hers, whoever copied it in between.
    """
    mine, theirs = (
        _print(each.author_id, each.package, prints=prints, at=each.published_at)
        for each in (version, other)
    )
    ancestors = prints.find(mine.ancestors).values()
    own = prints.earlier(theirs.marks, mine.author_id, theirs.published_at, limit=MOST_COMPARED)
    return compare(mine, theirs, [*ancestors, *own]), mine.ancestors


def _print(author_id: str, package: Package, *, prints: Prints, at: datetime) -> Print:
    return take_print(
        package.manifest,
        package.files,
        digest=package.digest,
        cartridge_id=cartridge_id(author_id, str(package.manifest["name"])),
        author_id=author_id,
        at=at,
        prints=prints,
    )


def _royalties(
    command: PublishVersion, *, cartridges: Cartridges, keys: AuthorKeys
) -> dict[str, int]:
    manifest = command.package.manifest
    wish = manifest.get("parent")
    parent = cartridges.pinned(wish["digest"]) if wish else None
    check_lineage(manifest, parent)
    signers = {author["key"] for author in manifest.get("authors", ()) if "key" in author}
    owners = keys.owners(signers) if signers else {}
    return royalties_of(manifest, command.author_id, owners=owners, parent=parent)


def yank_version(
    command: YankVersion, *, cartridges: Cartridges, now: datetime
) -> CartridgeVersion:
    """Keep one's own version from new gatherings; raise ``CartridgeNotFound``."""
    cartridge = cartridges.find(command.cartridge_id)
    if cartridge is None or cartridge.author_id != command.author_id:
        raise CartridgeNotFound(f"no cartridge {command.cartridge_id}")
    decision = cartridge.yank(command.version, command.reason, at=now)
    if decision.events:
        cartridges.save(decision)
    return cartridges.version(command.cartridge_id, command.version)


def rehearse(version: CartridgeVersion, *, people: int, language: str, **facts: Any) -> RunSheet:  # noqa: ANN401 - of conditions
    """The run sheet of a version; raise ``NoAnswer`` when a condition has none for these facts."""
    try:
        asked = facts_for(version.manifest, people=people, **facts)
        return run_sheet(version.manifest, asked, language=language)
    except ConditionRefused as refusal:
        raise NoAnswer(str(refusal)) from None
