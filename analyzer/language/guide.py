"""The troubleshooting guide's causes, in its order, with their headings."""

from __future__ import annotations

GUIDE = {
    "no-internet": "The VM has no internet access",
    "agent-unresponsive": "The agent is installed but unresponsive (Windows)",
    "agent-outdated": "The agent in the VM is out of date, or does not run (Linux)",
    "snapshot-not-taken": "The snapshot status cannot be retrieved, or a snapshot cannot be taken",
    "extension-not-loading": "The backup extension fails to update or load",
    "other": "Other causes",
}
