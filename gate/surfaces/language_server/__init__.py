"""The gate in an editor: the Language Server Protocol on standard input and output.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""
