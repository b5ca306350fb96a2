"""What tests stand on: patience, a clock in the hand, broken networks."""
