"""How pages write prices, percentages, ages and states."""

from django import template

register = template.Library()
