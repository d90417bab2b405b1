"""Measurements with their recorded results; each runs as ``python -m benchmarks.<name>``."""
