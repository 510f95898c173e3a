"""Evaluation: plans, public benchmarks, metrics, the any-to-any matrix, and one report."""
