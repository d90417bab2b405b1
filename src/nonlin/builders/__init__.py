"""From a declaration to its public faces: signatures, functions, module classes, docstrings, type stubs."""
