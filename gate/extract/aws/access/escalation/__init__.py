"""Grants of AWS in, openings out: who can become whom, whose rights one writes, which guardrail one lifts."""
