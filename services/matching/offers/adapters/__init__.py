"""What is kept in memory of the offers: their index, and lots and hosts of late."""

from __future__ import annotations

from services.matching.offers.adapters.live import LiveRanking
from services.matching.offers.adapters.loading import load_index
from services.matching.offers.adapters.recent import RecentHosts, RecentLots
from services.matching.offers.adapters.snapshots import Snapshots

__all__ = ["LiveRanking", "RecentHosts", "RecentLots", "Snapshots", "load_index"]
