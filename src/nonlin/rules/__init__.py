"""Activations beyond the formula language: functions and modules written by hand, one module a family.

A declaration of the catalogue names its module here (``rule``). There, the function ``<name>`` is its meaning; where it
learns or holds state, the class ``<Title>``, a :class:`nonlin.builders.classes.WrittenModule`, turns the state into the
function's arguments. What is published about either - names, summary, equation, source - stays in the declaration.
"""
