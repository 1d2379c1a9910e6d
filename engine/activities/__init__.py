"""The built-in activities, a module or a package for each family.

They see `sdk` and `core` alone, and are found by discovery: nothing imports them by name.
"""
