"""Broken sources. Each has one defect and is named after the check that finds it."""
