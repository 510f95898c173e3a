"""Rows for tools that are known by a description alone, in words that people would use."""
