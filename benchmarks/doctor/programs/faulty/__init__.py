"""Programs whose activations do harm."""
