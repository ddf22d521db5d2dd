"""metier reads the job market: postings and profiles in, skills, links, titles and matches out."""
