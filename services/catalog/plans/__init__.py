"""The weeks venues plan: the same hours every week but for exceptions, made into slots."""
