"""What probes are trained and judged with: data with known properties, and activations of chosen positions.

from mi_tutor.lab import probes

probes.cities()                       # 2,000 cities: name, country, continent, latitude, longitude, population
probes.statements("cities")           # true and false statements in the same words
probes.python_tokens(model)           # Python code, and for each token of the model its class
probes.read(model, texts, positions)  # activations at chosen positions, kept on disk from then on
probes.folds(groups, 5, seed=0)       # parts that share no group
probes.ridge_by_group(...)            # ridge regression over many stages, judged on groups it has not seen
probes.group_interval(...)            # bootstrap intervals over groups
"""

from mi_tutor.lab.probes.cities import City, cities
from mi_tutor.lab.probes.code import CLASSES, PythonTokens, python_tokens
from mi_tutor.lab.probes.grouping import folds, group_index, group_interval
from mi_tutor.lab.probes.reading import Readings, read
from mi_tutor.lab.probes.ridge import PENALTIES, ridge_by_group
from mi_tutor.lab.probes.statements import SETS, Statements, statements, uneven_words

__all__ = [
    "CLASSES",
    "PENALTIES",
    "SETS",
    "City",
    "PythonTokens",
    "Readings",
    "Statements",
    "cities",
    "folds",
    "group_index",
    "group_interval",
    "python_tokens",
    "read",
    "ridge_by_group",
    "statements",
    "uneven_words",
]
