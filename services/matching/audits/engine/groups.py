"""Thirds by size."""

from __future__ import annotations

from collections.abc import Mapping


def thirds(sizes: Mapping[str, int]) -> dict[str, int]:
    """Of each name its third, 0 for the smallest: by size, and of equals by name.

    Thirds differ by one at most; of fewer than three names the higher thirds stay empty.
    """
    ordered = sorted(sizes, key=lambda name: (sizes[name], name))
    return {name: 3 * place // len(ordered) for place, name in enumerate(ordered)}
