"""Pure text and syntax tree of `train.py`: constants, edits, normal form, guard."""
