"""From scores and filters to motifs."""
