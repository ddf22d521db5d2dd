"""ESCO and other taxonomies as objects: release files in, concepts, labels, groups and hierarchy out."""
