"""All knowledge the analyzer works with: signatures, sources, facts, limits, symptoms and benign lines, out of TOML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analyzer.errors import SignatureError
from analyzer.language.load import read_toml, signature_from
from analyzer.language.schema import Signature, pattern_id
from analyzer.scan.pattern import Pattern
from analyzer.sources.catalogue import Catalogue, load_catalogue
from analyzer.sources.windows.told import PATTERNS as WINDOWS_PATTERNS

_RESERVED = ("sources.toml", "facts.toml", "limits.toml", "symptoms.toml", "benign.toml")


@dataclass(frozen=True, slots=True)
class Benign:
    """A line that alarms and means nothing: how to know it, why it is harmless, and a sample."""

    id: str
    match: str
    why: str
    sample: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything under signatures/, loaded and checked."""

    signatures: Mapping[str, Signature]
    catalogue: Catalogue
    facts: Mapping[str, Mapping[str, Any]]
    limits: Mapping[str, Any]
    symptoms: Mapping[str, Mapping[str, Any]]
    benign: Sequence[Benign] = field(default_factory=tuple)

    def patterns(self) -> list[Pattern]:
        """Every regex of every signature and fact, and those for what Windows logs tell as exceptions, to be scanned for in one pass."""
        found: list[Pattern] = [*WINDOWS_PATTERNS]
        for signature in self.signatures.values():
            for one in signature.evidence.values():
                if one.shape == "line":
                    found.append(self._pattern(pattern_id(signature.id, one.name), one.match, one.source, one.has, one.level))
                elif one.shape == "span":
                    found.append(self._pattern(pattern_id(signature.id, one.name, "begin"), one.begin, one.source))
                    found.append(self._pattern(pattern_id(signature.id, one.name, "end"), one.end, one.source))
        for name, spec in self.facts.items():
            if "match" in spec:
                found.append(self._pattern(f"fact/{name}", spec["match"], spec["source"], tuple(spec.get("has", ()))))
        return found

    def _pattern(self, name: str, match: str, source: str, has: tuple[str, ...] = (), levels: frozenset[str] = frozenset()) -> Pattern:
        lenders, tag = self.catalogue.lent(source)
        return Pattern(name, match, self.catalogue.searched(source), has, levels, lenders, tag)


def home() -> Path:
    """Where the knowledge lies: inside the installed package, or in the repository beside it."""
    packaged = Path(__file__).parent.parent / "_signatures"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent.parent / "signatures"


def load_knowledge(extra: Iterable[Path] = ()) -> Knowledge:
    """The packaged knowledge and the signatures of further folders. Raises SignatureError."""
    root = home()
    catalogue = load_catalogue(read_toml(root / "sources.toml"), "sources.toml")
    facts = _tables(root / "facts.toml")
    signatures: dict[str, Signature] = {}
    for folder in (root, *extra):
        if not folder.is_dir():
            raise SignatureError("no such folder", where=str(folder), advice="give a folder of signature files")
        for path in sorted(folder.rglob("*.toml")):
            if path.name in _RESERVED:
                continue
            signature = signature_from(read_toml(path), str(path.relative_to(folder)))
            if signature.id in signatures:
                raise SignatureError(f"the id {signature.id!r} is taken by {signatures[signature.id].file}", where=str(path))
            signatures[signature.id] = signature
    knowledge = Knowledge(signatures, catalogue, facts, _tables(root / "limits.toml"), _tables(root / "symptoms.toml"),
                          tuple(_benign(root / "benign.toml")))
    _check_references(knowledge)
    catalogue.events = frozenset((one.provider.lower(), number) for signature in signatures.values() for one in signature.evidence.values()
                                 if one.shape == "record" for number in one.event_ids or (0,))
    return knowledge


def _tables(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    data = read_toml(path)
    data.pop("schema", None)
    return data


def _benign(path: Path) -> Iterable[Benign]:
    for number, entry in enumerate(_tables(path).get("line", ()), 1):
        yield Benign(entry.get("id", f"benign-{number}"), entry["match"], entry["why"], entry["sample"], tuple(entry.get("sources", ())))


def _check_references(knowledge: Knowledge) -> None:
    for signature in knowledge.signatures.values():
        for one in signature.evidence.values():
            where = f"{signature.file}: [evidence.{one.name}]"
            if one.source and one.source not in knowledge.catalogue:
                raise SignatureError(f"source {one.source!r} is not in sources.toml", where=where)
            if one.fact and one.fact not in knowledge.facts:
                raise SignatureError(f"fact {one.fact!r} is not in facts.toml", where=where)
