"""Analysing several bundles, in as many processes as wanted; a bundle that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from analyzer.errors import BundleError, TriageError
from analyzer.language.knowledge import Knowledge, load_knowledge
from analyzer.report.findings import Findings, findings


@dataclass(frozen=True, slots=True)
class Wish:
    """How bundles are to be analysed: what the command line says beside their paths. Times are epoch seconds."""

    at: float | None = None
    symptom: str | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    signatures: tuple[Path, ...] = ()


def find(path: Path, wish: Wish, knowledge: Knowledge) -> Findings:
    """Analyse one bundle. Raises TriageError."""
    from analyzer.report.analysis import analyse
    readable(path)
    try:
        return findings(analyse(path, knowledge, at=wish.at, symptom=wish.symptom, only=wish.only, skip=wish.skip))
    except MemoryError:
        raise BundleError("more memory is needed than --max-memory allows", where=str(path), advice="allow more, or analyse the logs alone") from None


def readable(path: Path) -> None:
    """Raises BundleError for a folder that may not be read, which otherwise looks empty."""
    if path.is_dir():
        try:
            next(path.iterdir(), None)
        except OSError as error:
            raise BundleError(str(error.strerror or error).lower(), where=str(path), advice="run as a user who may read it") from error


def find_all(paths: Sequence[Path], wish: Wish, jobs: int) -> Iterator[tuple[Path, Findings | TriageError]]:
    """Every bundle with its findings, or the error that kept them from us; in the order given.

    Raises errors that all bundles would share: bad signatures, an unknown symptom.
    """
    knowledge = load_knowledge(wish.signatures)
    if jobs <= 1:
        for path in paths:
            yield path, _held(path, wish, knowledge)
        return
    with ProcessPoolExecutor(min(jobs, len(paths)), initializer=_prepare, initargs=(wish,)) as pool:
        tasks: list[Future[Findings | TriageError]] = [pool.submit(_work, path) for path in paths]
        try:
            for path, task in zip(paths, tasks):
                yield path, task.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _held(path: Path, wish: Wish, knowledge: Knowledge) -> Findings | TriageError:
    try:
        return find(path, wish, knowledge)
    except BundleError as error:
        return BundleError(error.what, where=error.where, advice=error.advice)
    except TriageError:
        raise
    except Exception as error:
        return BundleError(f"could not be analysed: {type(error).__name__}: {error}", where=str(path), advice="analyse it alone with -v to see where")


_PREPARED: dict[str, tuple[Wish, Knowledge]] = {}


def _prepare(wish: Wish) -> None:
    _PREPARED["here"] = wish, load_knowledge(wish.signatures)


def _work(path: Path) -> Findings | TriageError:
    return _held(path, *_PREPARED["here"])
