"""Training of ModaVerse: instruction data, the alignment stage, the nano suite, evaluation."""
