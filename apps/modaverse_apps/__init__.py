"""Applications on top of the agent: a demo for the browser."""
