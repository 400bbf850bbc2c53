"""Print a pip constraint for each dependency of pyproject.toml: the lowest version that it allows.

`python .ci/lowest.py EXTRA …` adds the dependencies of extras.
"""

import re
import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
needed = list(project["dependencies"])
for extra in sys.argv[1:]:
    needed += project["optional-dependencies"][extra]
for requirement in needed:
    found = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*>=\s*([0-9][0-9A-Za-z.]*)", requirement)
    if found is None:
        sys.exit(f"pyproject.toml: {requirement!r} has no lower bound; write >=")
    print(f"{found[1]}=={found[2]}")
