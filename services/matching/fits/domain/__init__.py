"""How a host and a brand suit each other, and who would pass a brand's thresholds."""

from __future__ import annotations

from services.matching.fits.domain.acceptance import Acceptance
from services.matching.fits.domain.assortment import Assortment
from services.matching.fits.domain.dry_run import (
    DryRun,
    NearMiss,
    Rule,
    RuleOutcome,
    Thresholds,
    dry_run,
)
from services.matching.fits.domain.fit import ACCEPTS, CERTAIN, WANTS, Fit, FitTerm, fit
from services.matching.fits.domain.refusals import FitsOfAnotherBrand, ThresholdInvalid
from services.matching.fits.domain.supply import IdleRoom, IdleSlot

__all__ = [
    "ACCEPTS",
    "CERTAIN",
    "WANTS",
    "Acceptance",
    "Assortment",
    "DryRun",
    "Fit",
    "FitTerm",
    "FitsOfAnotherBrand",
    "IdleRoom",
    "IdleSlot",
    "NearMiss",
    "Rule",
    "RuleOutcome",
    "ThresholdInvalid",
    "Thresholds",
    "dry_run",
    "fit",
]
