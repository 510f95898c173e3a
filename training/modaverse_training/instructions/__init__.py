"""Instruction data: requests, attachments and the plans that answer them, made and looked at."""
