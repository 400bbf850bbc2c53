"""The notebook code of the README, from an installed wheel in an empty folder: it says what each line gives."""

from pathlib import Path

import siting

assert "site-packages" in siting.__file__, f"{siting.__file__}: not the installed wheel"
assert not list(Path().iterdir()), "the folder is not empty"
print(f"siting {siting.__version__}: {', '.join(siting.__all__)}")
print(*siting.examples.list(), sep="\n")

base = siting.examples.load("heping").solve(time_limit_s=60)
print(base)
for name in ("facilities", "flows", "assignments", "targets", "districts", "costs"):
    table = getattr(base, name)
    print(f"base.{name}: {type(table).__name__} of {len(table)} rows: {', '.join(table.columns)}")
    assert len(table)
print(base.status, base.cost_cny, base.bound_cny, base.gap)

more = base.problem.with_target("coverage-300", at_least=0.90).solve(time_limit_s=60, start=base)
print(more)
assert more.cost_cny >= base.bound_cny, "a stricter target cannot be cheaper"
print(siting.compare(base, more).verdict)
assert "<iframe" in more.map()._repr_html_()
assert "<table" in more._repr_html_()
print(more.map(), more.report())
assert not list(Path().iterdir()), "a solve needs no folder on disk"

more.write("runs/more", parts=["map", "tables"])
print(sorted(path.name for path in Path("runs/more").iterdir()))
again = siting.read_run("runs/more")
print(again.verify())
assert again.cost_cny == more.cost_cny
assert (
    again.problem.with_target("coverage-300", at_least=0.85).config.targets
    == base.problem.with_target("coverage-300", at_least=0.85).config.targets
)

config = siting.examples.copy("helsinki", "mine")
print(config, siting.read_config(str(config)), siting.read_config(siting.read_config(config).config))
