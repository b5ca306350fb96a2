"""Share contracts as data: who gets what part of what was sold, and every fen of it explained.

Beside it, who may have a subsidy at all: conditions over the facts of a claim.

It is the one arithmetic of shares: what books, what simulates and what an author tries at her
desk all call it. It knows no service and does no input or output but to read its own schema.
"""
