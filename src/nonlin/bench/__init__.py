"""Measuring nonlin's functions beside torch's, torch.compile's and other packages': what ``nonlin bench`` runs."""
