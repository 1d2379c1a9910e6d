"""What every other room stands on: errors, events, values, clock, ids, settings, logging.

Imports nothing of the engine.
"""
