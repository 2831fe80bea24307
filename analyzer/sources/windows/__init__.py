"""Windows evidence: event logs in every form they are handed over in, registry hives, the guest agent's state files."""
