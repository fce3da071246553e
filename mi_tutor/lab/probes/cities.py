"""Large cities: where they are. Facts from GeoNames (CC BY 4.0); how they were chosen stands in data/cities.tsv."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).parent / "data" / "cities.tsv"
_WITH_ARTICLE = {
    "Bahamas",
    "Central African Republic",
    "Democratic Republic of the Congo",
    "Dominican Republic",
    "Gambia",
    "Netherlands",
    "Philippines",
    "Republic of the Congo",
    "United Arab Emirates",
    "United Kingdom",
    "United States",
}


class City(NamedTuple):
    """One city. Latitude and longitude in degrees, north and east positive; population in people."""

    name: str
    country: str
    continent: str
    latitude: float
    longitude: float
    population: int

    @property
    def country_in_a_sentence(self) -> str:
        """The country as it follows "in": "France", "the Netherlands"."""
        return f"the {self.country}" if self.country in _WITH_ARTICLE else self.country


@cache
def cities() -> tuple[City, ...]:
    """All 2,000 cities, the largest first; at most 60 of a country."""
    lines = [line for line in _FILE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    rows = [line.split("\t") for line in lines[1:]]
    return tuple(City(row[0], row[1], row[2], float(row[3]), float(row[4]), int(row[5])) for row in rows)
