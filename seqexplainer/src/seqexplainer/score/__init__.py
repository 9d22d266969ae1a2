"""Whether an explanation is right."""
