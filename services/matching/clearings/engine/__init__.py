"""How a market is cleared: exactly, with prices, reasons and a proof. Pure, numpy only."""
