"""``python -m nonlin.derived``: write the shipped records and the type stubs anew."""

from nonlin.builders import stubs
from nonlin.derived import build

for path in [*build.write(), *stubs.write()]:
    print(path.name)
