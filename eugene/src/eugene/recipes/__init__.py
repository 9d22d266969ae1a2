"""Recipes: YAML files that name every source of a store and say how it is built, and their recovery."""

from eugene.recipes.recipe import CALLS, Recipe, read_recipe
from eugene.recipes.recover import recipe_of

__all__ = ["CALLS", "Recipe", "read_recipe", "recipe_of"]
