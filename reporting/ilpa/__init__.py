"""ILPA templates as workbooks: read from marts in the reader's own session, with live formulas for every
sum.
"""
