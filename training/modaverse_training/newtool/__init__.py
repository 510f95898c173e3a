"""A tool that a model has never seen: data from its docstring, training, measuring, installing."""
