"""Programs and models that ``nonlin.diagnose`` is measured on."""
