"""The checker and the senders share no code with what they check: only the saboteur may import the product."""

from __future__ import annotations

import ast
from pathlib import Path

from deploy.local.layout import ROOT

CHAOS = ROOT / "tests" / "chaos"
SABOTEUR = CHAOS / "sabotage.py"


def imported(file: Path) -> set[str]:
    """Every module that a file names, by its whole name; of `from a import b` both, as b may be a module."""
    return names_in(file.read_text(encoding="utf-8"), file.relative_to(ROOT).parent.parts)


def names_in(source: str, package: tuple[str, ...]) -> set[str]:
    """`package` is where the source stands: `from . import b` is of it, `from .. import b` of the one above."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            found |= {module, *(f"{module}.{one.name}" for one in node.names)}
    return found


def file_of(module: str) -> Path | None:
    """The source of a module of this repository."""
    path = ROOT.joinpath(*module.split("."))
    return next((one for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file()), None)


def reached(file: Path, seen: set[Path]) -> set[str]:
    """Every module that a file imports, and those that these import, within this repository."""
    seen.add(file)
    found = imported(file)
    for module in sorted(found):
        source = file_of(module)
        if source is not None and source not in seen:
            found |= reached(source, seen)
    return found


def test_the_gate_imports_nothing_of_services_or_shared() -> None:
    for file in sorted(CHAOS.rglob("*.py")):
        if file != SABOTEUR:
            product = {one for one in reached(file, set()) if one.split(".")[0] in ("services", "shared")}
            assert not product, f"{file.name} reaches {sorted(product)}"


def test_an_import_is_seen_however_it_is_written() -> None:
    package = ("tests", "chaos", "checker")
    assert names_in("import shared.log", package) == {"shared.log"}
    assert names_in("from shared import log", package) == {"shared", "shared.log"}
    assert names_in("from . import rows", package) == {"tests.chaos.checker", "tests.chaos.checker.rows"}
    assert "tests.chaos.checker.rows" in names_in("from .rows import faults", package)
    assert names_in("from ..sabotage import HOW", package) == {"tests.chaos.sabotage", "tests.chaos.sabotage.HOW"}


def test_the_saboteur_is_known_as_one() -> None:
    assert any(one.startswith("shared.") for one in imported(SABOTEUR))
