"""A handler of our own under the backup extension's name: `package()` makes the zip that the fabric hands out.

It freezes, asks for the snapshot, thaws and reports in the formats of the real extension, so that the agent treats it as
such and its traces read as such. Nothing here is Microsoft's code.
"""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

_FOLDER = Path(__file__).parent


def package(changes: Mapping[str, str | None]) -> bytes:
    """The handler's zip. `changes` replaces members by a text, or leaves them out (None): damaged packages are faults too."""
    paths = [_FOLDER / "HandlerManifest.json", *(path for path in sorted(_FOLDER.glob("main/**/*")) if path.is_file())]
    members = {path.relative_to(_FOLDER).as_posix(): path.read_text() for path in paths if "__pycache__" not in path.parts}
    unknown = {name for name, text in changes.items() if text is None} - set(members)
    if unknown:
        raise KeyError(f"the package has no {sorted(unknown)}")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, text in (members | dict(changes)).items():
            if text is not None:
                zipped.writestr(name, text)
    return buffer.getvalue()
