"""References: one line that parses to what it was printed from."""

from __future__ import annotations

import copy
import pickle
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unijob.errors import InvalidArgument, UnijobError
from unijob.ref import JobRef, is_segment

names = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
accounts = st.none() | st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,12}", fullmatch=True)
awkward = st.text(st.sampled_from("%/@:~?#&=+ ,.\\\"'\n\t\x00é漢😀%2Fab09"), min_size=1, max_size=12)
segments = (st.text(st.characters(exclude_categories=["Cs"]), min_size=1) | awkward).filter(is_segment)
refs: st.SearchStrategy[JobRef] = st.builds(JobRef, names, names, st.lists(segments, max_size=3).map(tuple), accounts)

EXAMPLES = {
    "mka1:file_batch/vs_abc123/vsfb_abc123": JobRef("mka1", "file_batch", ("vs_abc123", "vsfb_abc123")),
    "mka1:eval_run/eval_run_aa87e2b1": JobRef("mka1", "eval_run", ("eval_run_aa87e2b1",)),
    "gradient:indexing_job/123e4567-e89b-12d3-a456-426614174000": JobRef(
        "gradient", "indexing_job", ("123e4567-e89b-12d3-a456-426614174000",)
    ),
    "mka1:feedback_export": JobRef("mka1", "feedback_export"),
    "mka1:feedback_export/2024-01-15T10:30:00Z": JobRef("mka1", "feedback_export", ("2024-01-15T10:30:00Z",)),
    "mka1@prod:eval_run/eval_run_aa87e2b1": JobRef("mka1", "eval_run", ("eval_run_aa87e2b1",), "prod"),
}

REFUSALS = {
    "": "write 'provider:kind/id'",
    "eval_run": "write 'provider:kind/id'",
    "eval_run/eval_run_aa87": "write 'provider:kind/id'",
    ":eval_run/a": "not a provider's name",
    "MKA1:eval_run/a": "not a provider's name: lower-case letters",
    "mka1:/a": "not a kind's name",
    "mka1:Eval-Run/a": "not a kind's name: lower-case letters",
    "mka1:eval_run@prod/a": "not a kind's name",
    "mka1@:eval_run/a": "not an account's name",
    "mka1@-x:eval_run/a": "not an account's name: letters, digits",
    "mka1:eval_run/": "never empty",
    "mka1:file_batch//b": "never empty",
    "mka1:file_batch/a/": "never empty",
    "mka1:eval_run/.": "'.' or '..'",
    "mka1:eval_run/..": "'.' or '..'",
    "mka1:eval_run/%2e%2E": "'.' or '..'",
    "mka1:eval_run/100%": "a '%' in an id is written '%25'",
    "mka1:eval_run/%zz": "a '%' in an id is written '%25'",
    "mka1:eval_run/%ff": "not percent-encoded UTF-8",
    "mka1:eval_run/%ed%a0%80": "not percent-encoded UTF-8",
    "mka1:eval_run/\ud800": "valid Unicode",
    "https://apigw.mka1.com/v1/runs": "not a kind's name",
}


@given(refs)
def test_parse_and_print_are_inverse(ref: JobRef) -> None:
    """Whatever the ids, a reference printed and parsed is the same reference."""
    assert JobRef.parse(str(ref)) == ref


@given(refs)
def test_a_printed_reference_is_one_safe_line(ref: JobRef) -> None:
    """What is printed is ASCII on one line, without white space, quotes or anything that a shell expands."""
    line = str(ref)
    assert line.isascii()
    assert line.isprintable()
    assert not set(line) & set(" \"'`$&|;<>()[]{}*?#!\\")


@given(refs)
def test_segments_are_percent_encoded(ref: JobRef) -> None:
    """Between the slashes stand the ids, each decoded by any percent-decoder."""
    _, *found = str(ref).split("/")
    assert tuple(unquote(segment, errors="strict") for segment in found) == ref.ids


@given(st.text())
def test_text_parses_or_is_refused(text: str) -> None:
    """Any text is a reference, which prints to one that is equal, or is refused."""
    try:
        ref = JobRef.parse(text)
    except InvalidArgument:
        return
    assert JobRef.parse(str(ref)) == ref


@pytest.mark.parametrize(("line", "ref"), EXAMPLES.items())
def test_examples(line: str, ref: JobRef) -> None:
    """The documented examples parse to what they say and print as they stand."""
    assert JobRef.parse(line) == ref
    assert str(ref) == line


@pytest.mark.parametrize(("text", "hint"), REFUSALS.items())
def test_refusals_say_what_would_be_right(text: str, hint: str) -> None:
    """What is no reference is refused with the part that is wrong and what it may be."""
    with pytest.raises(InvalidArgument) as caught:
        JobRef.parse(text)
    assert hint in str(caught.value)
    assert isinstance(caught.value, UnijobError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("segment", ["", ".", "..", "\udfff"])
def test_a_reference_cannot_be_built_of_what_it_cannot_print(segment: str) -> None:
    """The constructor refuses ids that `parse` refuses."""
    assert not is_segment(segment)
    with pytest.raises(InvalidArgument):
        JobRef("mka1", "eval_run", (segment,))


@pytest.mark.parametrize("segment", ["...", ".a", "a..", " ", "\n", "%", "/", "é", "😀"])
def test_other_ids_are_held(segment: str) -> None:
    """Only the empty id, `.` and `..` have no place in a reference."""
    assert JobRef.parse(str(JobRef("mka1", "eval_run", (segment,)))).ids == (segment,)


def test_a_slash_in_an_id_is_no_separator() -> None:
    """An id with a slash stays one id."""
    ref = JobRef("mka1", "eval_run", ("a/b",))
    assert str(ref) == "mka1:eval_run/a%2Fb"
    assert JobRef.parse("mka1:eval_run/a/b") == JobRef("mka1", "eval_run", ("a", "b"))


def test_unencoded_text_is_read_as_it_stands() -> None:
    """A reference typed by hand need not be encoded where nothing is ambiguous."""
    assert JobRef.parse("mka1:eval_run/naïve id").ids == ("naïve id",)


def test_one_string_is_not_a_path_of_ids() -> None:
    """A single id given bare is refused, not taken apart into letters."""
    with pytest.raises(InvalidArgument, match="tuple"):
        JobRef("mka1", "eval_run", "abc")


def test_kind_is_the_full_name() -> None:
    """`kind` names provider and kind, without the account."""
    assert JobRef.parse("mka1@prod:eval_run/a").kind == "mka1:eval_run"


def test_identity_is_provider_kind_ids_and_account() -> None:
    """References differ by each of their parts, and equal ones hash alike."""
    lines = [*EXAMPLES, "gradient:eval_run/eval_run_aa87e2b1", "mka1@dev:eval_run/eval_run_aa87e2b1"]
    assert len({JobRef.parse(line) for line in [*lines, *lines]}) == len(lines)


@given(st.lists(refs, max_size=5))
def test_references_sort_whatever_their_accounts(some: list[JobRef]) -> None:
    """Any references can be sorted, and the order does not depend on where they stood."""
    turned = some[::-1]
    assert sorted(some) == sorted(turned)


def test_sorting_with_and_without_an_account() -> None:
    """A reference without an account sorts before the same one with an account."""
    plain, named = JobRef.parse("mka1:eval_run/a"), JobRef.parse("mka1@prod:eval_run/a")
    assert sorted([named, plain]) == [plain, named]


@given(refs)
def test_references_can_be_pickled_and_copied(ref: JobRef) -> None:
    """A reference survives pickling and copying."""
    assert pickle.loads(pickle.dumps(ref)) == copy.deepcopy(ref) == ref
