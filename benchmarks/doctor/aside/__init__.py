"""Held-out programs: written apart from the rules and run once."""
