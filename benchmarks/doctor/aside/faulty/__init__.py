"""Programs that each have one known fault of activation."""
