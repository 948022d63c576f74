"""The only code that knows Open Policy Agent."""
