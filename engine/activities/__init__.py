"""The built-in activities, one file a family. They see `sdk` and `core` alone, and are found by discovery: nothing imports them by name."""
