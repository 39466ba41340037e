"""Text from folded events: status, ledger, one trial."""
