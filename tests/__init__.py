"""The tests: parametrised over the catalogue, judged by an oracle with error bounds (:mod:`tests.oracle`)."""
