"""What holds of every activation, as checks that anyone can run: ``nonlin.check``."""
