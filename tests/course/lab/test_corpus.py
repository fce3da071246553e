"""The labelled corpus: enough of it, really varied, in the right script, and the same everywhere."""

import base64
import hashlib
import itertools
import re
import subprocess
import sys
import unicodedata

import pytest

from mi_tutor.lab import corpus
from mi_tutor.lab.corpus.stream import Stream

PROSE = [(label, source) for label in corpus.LANGUAGES for source in corpus.sources(label)]
LETTERS = {"arabic": "ARABIC", "hebrew": "HEBREW", "russian": "CYRILLIC"}
# Letters that each language needs and that a text in plain ASCII would lack.
TYPICAL = {"french": "éèàçêù", "german": "äöüß", "spanish": "áéíóñ¿"}


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def scripts(text: str) -> set[str]:
    return {unicodedata.name(letter).split()[0] for letter in text if letter.isalpha()}


@pytest.mark.parametrize("label", corpus.labels())
def test_every_label_has_enough_texts_and_none_twice(label):
    texts = corpus.texts(label)
    assert len(texts) >= 160
    assert len(set(texts)) == len(texts)


def test_the_second_english_corpus_shares_no_sentence_with_the_first():
    everyday, technical = corpus.texts("english"), corpus.texts("english", source="technical")
    assert len(technical) >= 120
    assert not set(everyday) & set(technical)


@pytest.mark.parametrize(("label", "source"), PROSE)
def test_sentences_have_6_to_30_words(label, source):
    wrong = [text for text in corpus.texts(label, source=source) if not 6 <= len(text.split()) <= 30]
    assert not wrong


@pytest.mark.parametrize(("label", "source"), PROSE)
def test_no_two_sentences_share_half_of_their_words(label, source):
    """Jaccard: two sentences of 10 words with 6 in common have 6 / (10 + 10 - 6) = 0.43; templates reach 0.6."""
    sets = [(set(words(text)), text) for text in corpus.texts(label, source=source)]
    close = [
        (a, b)
        for (left, a), (right, b) in itertools.combinations(sets, 2)
        if len(left & right) > 0.45 * len(left | right)
    ]
    assert not close


@pytest.mark.parametrize(("label", "source"), PROSE)
def test_the_vocabulary_is_rich(label, source):
    """Among the first 1,000 words at least 45 % are new; ten templates with changing nouns would stay under 30 %."""
    first = [word for text in corpus.texts(label, source=source) for word in words(text)][:1000]
    assert len(set(first)) >= 450


@pytest.mark.parametrize(("label", "source"), PROSE)
def test_sentences_open_in_many_ways(label, source):
    texts = corpus.texts(label, source=source)
    openings = {tuple(words(text)[:2]) for text in texts}
    assert len(openings) >= 0.75 * len(texts)


@pytest.mark.parametrize("label", corpus.LANGUAGES)
def test_sentences_are_written_in_the_script_of_their_language(label):
    expected = LETTERS.get(label, "LATIN")
    for text in corpus.texts(label):
        assert scripts(text) == {expected}, text
        assert unicodedata.normalize("NFC", text) == text, text


@pytest.mark.parametrize("label", sorted(TYPICAL))
def test_accents_are_there(label):
    marked = [text for text in corpus.texts(label) if set(TYPICAL[label]) & set(text.lower())]
    assert len(marked) >= 0.6 * len(corpus.texts(label))


@pytest.mark.parametrize("snippet", corpus.texts("python"), ids=lambda text: text.splitlines()[0][:40])
def test_each_python_snippet_compiles_and_has_3_to_12_lines(snippet):
    compile(snippet, "<snippet>", "exec")
    assert 3 <= len(snippet.splitlines()) <= 12


def test_generated_strings_are_what_they_say():
    assert all(set(text) <= set("ACGTacgt ") for text in corpus.texts("dna"))
    assert all(re.fullmatch(r"[0-9., \n]+", text) for text in corpus.texts("digits"))
    for text in corpus.texts("base64"):
        assert len(base64.b64decode(text, validate=True)) >= 20
    for text in corpus.texts("hex"):
        bytes.fromhex(text.replace("0x", "").replace(":", ""))


@pytest.mark.parametrize("label", corpus.labels())
def test_splits_are_disjoint_complete_and_about_60_to_40(label):
    train, test = corpus.texts(label, "train"), corpus.texts(label, "test")
    assert not set(train) & set(test)
    assert sorted(train + test) == sorted(corpus.texts(label))
    # Binomial with n = 160, p = .6: standard deviation 6.2 texts, so 0.5 to 0.7 is within 2.6 of them.
    assert 0.5 <= len(train) / (len(train) + len(test)) <= 0.7


def test_load_aligns_labels_and_mixes_them():
    data = corpus.load(["french", "python"], split="train", per_label=40)
    assert len(data) == len(data.texts) == len(data.labels) == 80
    assert data.label_names == ["french", "python"]
    assert [data.label_names[index] for index in data.label_index] == data.labels
    assert all(text in corpus.texts(label, "train") for text, label in data)
    assert data.is_label("french").count(True) == 40
    assert data.of("python") == [text for text, label in data if label == "python"]
    changes = sum(a != b for a, b in itertools.pairwise(data.labels))
    assert changes > 20


def test_load_without_arguments_holds_everything():
    data = corpus.load()
    assert data.label_names == corpus.labels()
    assert len(data) == sum(len(corpus.texts(label)) for label in corpus.labels())


def test_the_caller_cannot_change_the_corpus():
    corpus.texts("french").clear()
    assert corpus.texts("french")


def test_another_process_gets_the_same_order():
    """Python salts `hash()` anew in each process; nothing here may depend on it."""
    code = (
        "import hashlib; from mi_tutor.lab import corpus; "
        "print(hashlib.sha256('|'.join(corpus.load().texts).encode()).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert there == hashlib.sha256("|".join(corpus.load().texts).encode()).hexdigest()


def test_the_stream_is_frozen():
    """First number: sha256(b"frozen:0") starts with bytes whose big-endian value modulo 1000 is fixed for ever."""
    first = int.from_bytes(hashlib.sha256(b"frozen:0").digest()[:8], "big") % 1000
    assert Stream("frozen").integer(1000) == first
    assert sorted(Stream("frozen").shuffled(range(50))) == list(range(50))
    assert Stream("frozen").shuffled(range(50)) != list(range(50))


def test_reading_the_corpus_needs_no_torch():
    code = "import sys; from mi_tutor.lab import corpus; corpus.load(); print('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("call", "words_of_the_message"),
    [
        (lambda: corpus.texts("klingon"), "no label 'klingon'"),
        (lambda: corpus.texts("french", split="validation"), "no split 'validation'"),
        (lambda: corpus.texts("french", source="technical"), "no source of french 'technical'"),
        (lambda: corpus.load("french", per_label=10_000), "french has .* not 10000"),
        (lambda: corpus.load("french", per_label=0), "not 0"),
        (lambda: corpus.load(["french", "french"]), "each label once"),
        (lambda: corpus.load("french").is_label("german"), "holds french"),
    ],
)
def test_bad_requests_are_answered_in_one_sentence(call, words_of_the_message):
    with pytest.raises(ValueError, match=words_of_the_message) as caught:
        call()
    assert "\n" not in str(caught.value)
