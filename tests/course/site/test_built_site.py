"""The built site: no warning, no dead link, nothing from the net, and nothing of the course left out."""

import json
import re
import shutil
from itertools import pairwise

import pages
import pytest

from mi_tutor.tutor import catalogue, workspace
from mi_tutor.tutor.site import glossary, papers, survey_map
from mi_tutor.tutor.site.chapters import target

pytestmark = pytest.mark.slow  # a real build

WRITTEN = [
    chapter
    for chapter in catalogue.written_chapters()
    if workspace.notebook_file(chapter.number, chapter.name).exists()
]
NAMES = [f"{chapter.number}_{chapter.name}" for chapter in WRITTEN]


@pytest.fixture(params=NAMES)
def chapter(request, site):
    return site / "chapters" / f"{request.param}.html"


def test_every_written_chapter_has_a_page_and_every_other_one_is_marked(site):
    there = {file.stem for file in (site / "chapters").glob("*.html")}
    assert there == set(NAMES)
    rows = pages.soup(site / "index.html").find("table").find_all("tr")[1:]
    told = {row.find("td").get_text(): row.get_text() for row in rows}
    for one in catalogue.chapters():
        assert one.question in told[one.number]
        assert ("planned" in told[one.number]) == (one not in WRITTEN)


def test_every_link_within_the_site_leads_somewhere(site):
    broken = {str(file.relative_to(site)): found for file in pages.every(site) if (found := pages.broken(site, file))}
    assert broken == {}


def test_no_page_loads_anything_from_the_net(site):
    loaded = {(file.name, one) for file in pages.every(site) for one in pages.loaded(file) if re.match(r"\w+:|//", one)}
    assert loaded == set()


def test_each_term_that_a_chapter_uses_is_linked_once_and_at_its_first_use(chapter):
    found, groups = glossary.pattern()
    text, links = "", []
    for words, term in pages.running_text(chapter):
        if term:
            links.append((len(text), term))
        text += words
    first = {}
    for match in found.finditer(text):
        first.setdefault(_target(groups[match.lastgroup].name), match.start())
    assert sorted(term for _, term in links) == sorted(first)
    assert {term: place for place, term in links} == first


def _target(term: str) -> str:
    return "term-" + re.sub(r"[^A-Za-z0-9]+", "-", term).strip("-")


def test_every_exercise_is_on_its_chapters_page_and_on_the_map(site):
    on_map = {value for value in pages.references(site / "map.html") if "#exercise-" in value}
    for name, one in zip(NAMES, WRITTEN, strict=True):
        for exercise in one.exercises:
            anchor = target(exercise.name)
            assert anchor in pages.targets(site / "chapters" / f"{name}.html")
            assert f"chapters/{name}.html#{anchor}" in on_map


def test_every_citation_of_the_survey_has_a_page(site):
    linked = set(pages.references(site / "map.html"))
    for section in survey_map.survey()["section"]:
        for key in section["cites"]:
            assert papers.of(key).title, f"{key} is not in chapters/site/papers.toml"
            assert f"papers/{papers.of(key).file}.html" in linked


def test_every_paper_of_an_exercise_has_a_page_that_links_back(site):
    for exercise in (exercise for chapter in WRITTEN for exercise in chapter.exercises):
        for key in exercise.papers:
            page = site / "papers" / f"{papers.of(key).file}.html"
            assert any(f"#{target(exercise.name)}" in value for value in pages.references(page)), key


def test_every_figure_is_in_the_gallery_with_its_words_and_a_link_back(site):
    figures = pages.soup(site / "gallery.html").find_all("figure", class_="gallery")
    shown = {figure.img["src"]: figure for figure in figures}
    stored = 0
    for name in NAMES:
        notebook = json.loads((workspace.root() / "chapters" / f"{name}.ipynb").read_text("utf-8"))
        outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", ())]
        html = "".join("".join(output.get("data", {}).get("text/html", "")) for output in outputs)
        stored += html.count("<img")
        page = pages.soup(site / "chapters" / f"{name}.html")
        for image in page.select("article .cell_output img"):
            source = image["src"].removeprefix("../")
            assert image["alt"].strip()
            assert source in shown, f"{source} is not in the gallery"
            assert shown[source].img["alt"] == image["alt"]
            assert image["alt"] in shown[source].figcaption.get_text()
            assert shown[source].a["href"] == f"chapters/{name}.html#{image['id']}"
    assert len(figures) == stored


def test_every_page_is_sound_for_a_screen_reader(site):
    """What axe-core once found stays mended: ranks of headings, words for pictures, labels that say what is written."""
    for file in pages.every(site):
        page = pages.soup(file)
        assert page.html["lang"] == "en"
        assert page.title.get_text().strip()
        assert [image for image in page.find_all("img") if not image.get("alt", "").strip()] == [], file.name
        assert [tag for tag in page.find_all(role="heading") if not tag.get("aria-level")] == [], file.name
        assert page.find_all("summary", attrs={"aria-label": True}) == [], file.name
        assert page.select("[role=img] a") == [], file.name
        ranks = [int(tag.name[1]) for tag in page.find_all(re.compile(r"^h[1-6]$"))]
        assert all(later <= before + 1 for before, later in pairwise(ranks)), (file.name, ranks)


def test_the_tables_of_claims_reach_the_papers_pages(site):
    page = pages.soup(site / "papers" / "elhage-et-al-2022.html").get_text()
    assert "Models can compute |x| in superposition" in page
    assert "not claimed; our own guess" not in page


def test_the_search_index_is_a_script_that_a_page_on_disk_can_load(site):
    assert (site / "searchindex.js").read_text("utf-8").startswith("Search.setIndex(")
    assert "searchindex.js" in (site / "search.html").read_text("utf-8")


@pytest.mark.browser
@pytest.mark.parametrize("word", ["superposition", "knockout", "interference"])
def test_a_search_on_a_page_from_disk_finds_pages(site, word):
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next((shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")), None)
    if found is None:
        pytest.skip("no Chromium on the PATH: install one to run the browser tests")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, headless=True, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(f"{(site / 'search.html').as_uri()}?q={word}")
        page.wait_for_selector("#search-results li a")
        assert page.locator("#search-results li a").count() > 0
        browser.close()


def test_each_syllabus_has_all_its_weeks_and_all_exercises(site):
    tables = [table for table in pages.soup(site / "instructor.html").find_all("table") if "Handed in" in str(table)]
    assert [len(table.find_all("tr")) - 1 for table in tables] == [4, 8, 12]
    for table in tables:
        handed_in = [int(number) for number in re.findall(r"(\d+) exercises?<", str(table))]
        assert sum(handed_in) == sum(len(chapter.exercises) for chapter in WRITTEN)
