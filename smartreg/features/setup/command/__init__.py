"""The commands: `init`, `demo`, `status`, `doctor`, `boundaries`."""
