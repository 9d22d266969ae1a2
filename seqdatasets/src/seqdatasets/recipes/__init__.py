"""Recipes: one module a data set, whose ``load`` turns its files into a Dataset."""
