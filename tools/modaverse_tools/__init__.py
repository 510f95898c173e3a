"""Generators and media tools for ModaVerse, one file a family; each loads its model on first use."""
