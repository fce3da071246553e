"""The parts of the site one by one: what is linked and what is left alone, the plan of weeks, the graph, refusals."""

from types import SimpleNamespace

import pytest

from mi_tutor.tutor import catalogue, cli
from mi_tutor.tutor.site import build, chapters, claims, glossary, papers, prerequisites, survey_map, teaching
from mi_tutor.tutor.site.prose import pieces

LEFT_ALONE = [
    "# A neuron in a heading",
    "`neuron`, ``a `neuron` ``",
    "[a neuron](elsewhere.md) and ![neuron](picture.png)",
    "```python\nneuron = 1\n```",
    "$\\text{neuron}$ and $$\n\\text{neuron}\n$$",
    '<span title="neuron"></span>',
    "| **You are here** | 00 start here → 02 neuron |",
    "a multi-neuron and a neuron-like thing, neurone",
]


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_code_links_and_headings_are_left_alone(text):
    seen = set()
    assert glossary.link(text, seen) == text
    assert seen == set()
    assert "".join(piece for _, piece in pieces(text)) == text


def test_only_the_first_use_is_linked_and_longer_terms_win():
    assert glossary.link("**Induction heads** are\nheads. A head is a head.", set()) == (
        "**{term}`Induction heads <induction head>`** are\n{term}`heads <attention head>`. A head is a head."
    )


def test_a_term_over_the_end_of_a_line_is_linked_and_capitals_count_where_they_carry_meaning():
    assert glossary.link("the residual\nstream", set()) == "the {term}`residual stream <residual stream>`"
    assert "{term}" not in glossary.link("she das mlp", set())


def test_each_form_belongs_to_one_term_and_each_term_says_something():
    forms = [form for term in glossary.terms() for form in dict.fromkeys(term.forms)]
    assert len(forms) == len(set(forms))
    for term in glossary.terms():
        assert term.text.endswith(".")
        assert len(term.text.split()) < 60


def test_each_paper_stands_once_and_each_exercise_has_a_section():
    files = [paper.file for paper in papers.known()]
    assert len(files) == len(set(files))
    assert [paper.key for paper in papers.known() if not (paper.authors and paper.title)] == []
    sections = {section["number"] for section in survey_map.survey()["section"]}
    assert {exercise.survey for exercise in catalogue.all_exercises()} <= sections
    assert set(survey_map.survey()["planned"]) <= {chapter.name for chapter in catalogue.chapters()}


def test_every_paper_of_the_catalogue_has_its_reference():
    keys = {key for exercise in catalogue.all_exercises() for key in exercise.papers}
    assert {key for key in keys if not papers.of(key).title} == set(), "add them to chapters/site/papers.toml"


def test_a_name_of_a_paper_is_a_link_and_two_names_of_one_paper_are_one():
    assert papers.link("Gurnee et al.\n2023, then") == "[Gurnee et al.\n2023](gurnee-et-al-2023.md), then"
    assert papers.link("Olah et al. (2020)") == "[Olah et al. (2020)](olah-et-al-2020.md)"
    seen = set()
    assert [papers.link("Pearl 2001", seen=seen) for _ in range(2)] == ["[Pearl 2001](pearl-2001.md)", "Pearl 2001"]
    assert papers.of("Wang et al. 2023") == papers.of("Wang et al. 2022")
    assert papers.named_in("as Zhang & Nanda 2024 say") == [papers.of("Zhang and Nanda 2024")]
    assert papers.named_in("Olah et al. (2020)") == [papers.of("Olah et al. 2020")]


def page(number: str, minutes: list[int], need: str = "", paper: str = "", total: int | None = None) -> chapters.Page:
    exercises = tuple(
        SimpleNamespace(name=f"c{number}.e{k}", minutes=m, kind="build", papers=(paper,) if paper else ())
        for k, m in enumerate(minutes)
    )
    chapter = catalogue.Chapter(f"c{number}", number, f"Chapter {number}", "?", total or sum(minutes), exercises)
    cell = {"cell_type": "markdown", "source": f"# x\n\n| **You need** | {need} |"}
    return chapters.Page(chapter, {"cells": [cell]})


def test_weeks_keep_chapters_whole_where_that_is_possible_and_order_always():
    course = [page("00", [10, 10]), page("01", [5, 15]), page("02", [20]), page("03", [10, 10])]
    plan = teaching.weeks(course, 4)
    assert [[step.page.chapter.number for step in week] for week in plan] == [
        ["00"] * 2,
        ["01"] * 2,
        ["02"],
        ["03"] * 2,
    ]
    plan = teaching.weeks(course, 7)
    assert [step.number for week in plan for step in week] == [1, 2, 1, 2, 1, 1, 2]
    assert all(plan)


def test_minutes_of_a_chapter_are_shared_out_over_its_exercises():
    [step, other] = teaching.steps([page("00", [10, 30], total=80)])
    assert (step.minutes, other.minutes) == (20, 60)
    assert [teaching.hours(minutes) for minutes in (20, 60, 90, 270)] == [
        "½\u00a0hour",
        "1\u00a0hour",
        "1½\u00a0hours",
        "4½\u00a0hours",
    ]


def test_the_graph_draws_what_the_chapters_say_they_need_and_nothing_twice():
    course = [page("00", [1]), page("01", [1], "Chapter 00; means"), page("02", [1], "Chapters 00, 01 and 09")]
    assert prerequisites.wanted(course) == {"00": [], "01": ["00"], "02": ["00", "01"]}
    more = [*course, page("03", [1], "chapters 00 to 02; masks")]
    assert prerequisites.wanted(more)["03"] == ["00", "01", "02"]
    assert prerequisites.words(course) == "00 needs no other chapter; 01 needs 00; 02 needs 01."
    drawn = prerequisites.graph(course)
    assert drawn.count('class="tip"') == 2
    assert drawn.count("<a href=") == 3


def claim(where: chapters.Page, text: str, paper: str) -> list[str]:
    return [one.key for one in claims.Claim(where, text, paper, "0.5", "held").papers()]


def test_a_row_belongs_to_the_papers_it_names_or_to_the_one_its_chapter_follows():
    where = page("02", [1, 1, 1], paper="Elhage et al. 2022")
    assert claim(where, "it holds", "one of the ways of Chan 2024") == ["Chan 2024"]
    assert claim(where, "it holds", "by eye") == ["Elhage et al. 2022"]
    assert claim(where, "it holds (our own question)", "—") == []
    assert claim(where, "it holds", "survey 3.2.1, Table 3") == []


def test_without_sphinx_the_command_says_what_to_install(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(build, "NEEDED", ("sphinx_that_nobody_has",))
    assert cli.main(["author", "site", str(tmp_path / "out")]) == 2
    assert "-m pip install -e '.[site]'" in capsys.readouterr().err


def test_a_folder_that_holds_something_else_is_left_alone(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(build, "NEEDED", ())
    (tmp_path / "thesis.txt").write_text("mine")
    assert cli.main(["author", "site", str(tmp_path)]) == 2
    assert "holds something that is no site" in capsys.readouterr().err
    assert (tmp_path / "thesis.txt").read_text() == "mine"
