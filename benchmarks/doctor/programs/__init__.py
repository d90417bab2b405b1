"""Whole programs, one a file, each saying which rules of the doctor are true of it."""
