"""What can be computed about an offer without knowing the offer."""
