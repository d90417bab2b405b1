"""Which activation harms a model, with evidence and a fix."""
