"""The part of Azure that a virtual machine sees: wireserver, host plugin, metadata, storage and name service."""
