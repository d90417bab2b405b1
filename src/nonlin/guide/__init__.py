"""The field guide: one offline page in which every claim is measured. Importing this package imports nothing else."""

DEFAULT = ("relu", "leaky_relu", "sigmoid", "tanh", "softmax")
"""The activations of the guide where none are named."""
