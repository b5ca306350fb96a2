"""The sandbox provider: moves no real money, and fails in every way that real ones do."""
