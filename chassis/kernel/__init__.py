"""Words every domain shares: money, ids, time, decisions, errors. Standard library only."""
