"""What several suites share: activities that leave a trace, and short ways to write workflows."""
