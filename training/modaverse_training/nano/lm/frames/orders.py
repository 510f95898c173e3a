"""The verbs by which people order something to be made, whatever it is."""

MAKE = (
    "[make|create|generate|give me|make me|show me|produce|do|get me|i want|i need|render|prepare]"
)
