"""The doctor's benchmark: programs whose faults are known."""
