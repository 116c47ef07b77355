"""Faults that a test plants in every process of a school, one a module: what it must then find."""
