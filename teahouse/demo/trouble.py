"""What can end the demo before its end."""

from __future__ import annotations


class DemoTrouble(Exception):
    """The demo could not go on, or could not find out what it promises to show."""
