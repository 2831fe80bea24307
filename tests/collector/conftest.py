import pathlib

import pytest

from collector import build
from tests.collector import evidence


@pytest.fixture(scope="session")
def pyz(tmp_path_factory):
    """The collector as customers get it."""
    path = tmp_path_factory.mktemp("program") / "collector.pyz"
    build.build(str(path))
    return path


@pytest.fixture
def vm(tmp_path):
    """The disk of a Linux VM."""
    root = tmp_path / "vm"
    evidence.linux(root)
    return pathlib.Path(root)


@pytest.fixture
def windows_vm(tmp_path):
    """The system drive of a Windows VM."""
    root = tmp_path / "drive"
    evidence.windows(root)
    return pathlib.Path(root)
