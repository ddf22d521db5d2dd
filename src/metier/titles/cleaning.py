"""Cleaning of raw job titles, under the name of its system; rooms beside this one import `metier.text.job_titles`."""

from metier.text.job_titles import CleanTitle, Seniority, clean_title, title_key

__all__ = ["CleanTitle", "Seniority", "clean_title", "title_key"]
