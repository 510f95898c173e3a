"""The alignment stage: projections and LoRA trained at once on instruction rows."""
