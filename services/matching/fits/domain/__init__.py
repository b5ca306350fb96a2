"""How a host and a brand suit each other, and who would pass a brand's thresholds."""

from __future__ import annotations

from services.matching.fits.domain.assortment import Assortment
from services.matching.fits.domain.fit import ACCEPTS, CERTAIN, WANTS, Fit, FitTerm, fit
from services.matching.fits.domain.refusals import FitsOfAnotherBrand, ThresholdInvalid
from services.matching.fits.domain.supply import IdleRoom, IdleSlot
from services.matching.fits.domain.trial import NearMiss, Outcome, Rule, Thresholds, Trial, try_out

__all__ = [
    "ACCEPTS",
    "CERTAIN",
    "WANTS",
    "Assortment",
    "Fit",
    "FitTerm",
    "FitsOfAnotherBrand",
    "IdleRoom",
    "IdleSlot",
    "NearMiss",
    "Outcome",
    "Rule",
    "ThresholdInvalid",
    "Thresholds",
    "Trial",
    "fit",
    "try_out",
]
