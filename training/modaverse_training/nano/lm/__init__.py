"""The language model of the nano suite: its data, its training, its measurement."""
