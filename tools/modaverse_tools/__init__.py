"""Generators and media tools, one file a family; each loads its model on first use."""
