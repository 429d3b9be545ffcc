"""Values as people write them, made into RDF terms by the type of their parameter."""

import pyoxigraph as ox
import pytest

from triplomacy.errors import BadParameter
from triplomacy.queries import parameters
from triplomacy.queries.parameters import Parameter, possible, resolve, terms
from triplomacy.terms import ID, TRI, XSD

GOOD = {
    "integer": ["0", "-12", "+007"],
    "number": ["12", "-0.5", ".5", "12.", "+1"],
    "boolean": ["true", "false"],
    "date": ["2022-09-01", "2024-02-29"],
    "edtf": [
        "2022",
        "2022-09",
        "2020/..",
        "../2020-01-02",
        "2020/",
        "2022-21",
        "2022-41",
        "1984?",
        "20XX",
        "198X",
        "2004-06~/2006",
    ],
    "string": ["", "any text \U0001f600", "'\"\\"],
}
BAD = {
    "integer": ["", "1.0", "one", "1 ", "--1", "1e3"],
    "number": ["", ".", "1e3", "1,5", "1.2.3", "NaN"],
    "boolean": ["", "True", "1", "yes"],
    "date": ["", "2022-02-30", "20220901", "2022-09", "2022-9-1", "yesterday"],
    "edtf": [
        "",
        "..",
        "/",
        "../..",
        "2020/2021/2022",
        "2022-13",
        "2022-20",
        "2022-42",
        "20XXX",
        "X",
        "20X0",
        "2022-09-31",
    ],
    "string": ["\ud800", "a\udfff"],
}


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in GOOD.items() for value in values])
def test_value_of_its_type_becomes_a_literal(kind, value):
    """The text stays as it was written, with the datatype of the parameter's type."""
    (term,) = terms(Parameter("x", kind, ""), [value])
    datatype = {"number": "decimal", "edtf": "string"}.get(kind, kind)
    assert term == ox.Literal(value, datatype=ox.NamedNode(XSD + datatype))


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in BAD.items() for value in values])
def test_value_of_another_type_is_refused(kind, value):
    """An error names the parameter, and says what it takes."""
    with pytest.raises(BadParameter, match="parameter x takes "):
        terms(Parameter("x", kind, ""), [value])


def test_long_value_is_cut_in_the_message():
    """A message has a hundred characters of a value at most, and says that there were more."""
    for length, shown in [(100, "y" * 100 + "'"), (101, "y" * 99 + "…'")]:
        with pytest.raises(BadParameter) as caught:
            terms(Parameter("x", "integer", ""), ["y" * length])
        assert str(caught.value).endswith(f"'{shown}")


def test_string_has_the_language_of_its_parameter():
    """A parameter with a language makes literals in it; other types have none."""
    assert terms(Parameter("x", "string", "", language="de"), ["ja"]) == [ox.Literal("ja", language="de")]


def test_default_stands_in_for_what_is_not_given():
    """Without a value there is the default, without a default an error, and an empty default is one."""
    assert terms(Parameter("x", "integer", "", default="1"), []) == terms(Parameter("x", "integer", ""), ["1"])
    assert terms(Parameter("x", "integer", "", default="1"), ["2"]) == terms(Parameter("x", "integer", ""), ["2"])
    assert terms(Parameter("x", "string", "", default=""), []) == [ox.Literal("")]
    with pytest.raises(BadParameter, match="parameter x has no default"):
        terms(Parameter("x", "string", ""), [])


def test_several_values_only_where_they_may_be():
    """Of several values each is there once, in their order; where one may be, two are an error."""
    many = Parameter("x", "string", "", many=True)
    assert [term.value for term in terms(many, ["b", "a", "b"])] == ["b", "a"]
    with pytest.raises(BadParameter, match="parameter x is set twice"):
        terms(Parameter("x", "string", ""), ["a", "b"])


def test_options_are_the_values_that_there_may_be():
    """Options as text and as terms are all that is taken; an error names what is near, an IRI as a CURIE."""
    one = Parameter("x", "string", "", options=("red", "green"))
    assert terms(one, ["green"]) == [ox.Literal("green")]
    with pytest.raises(BadParameter, match="green"):
        terms(one, ["grean"])
    node = Parameter("x", "iri", "")
    options: list[ox.NamedNode | ox.Literal] = [ox.NamedNode(ID + "freedonia"), ox.Literal("other")]
    assert terms(node, ["id:freedonia"], None, options) == [options[0]]
    assert terms(Parameter("x", "string", ""), ["other"], None, options) == [options[1]]
    with pytest.raises(BadParameter, match="no such option: id:fredonia; did you mean id:freedonia"):
        terms(node, ["id:fredonia"], None, options)
    with pytest.raises(BadParameter, match="parameter x: "):
        terms(node, ["id:freedonia"], None, [])


def test_endpoint_is_an_address():
    """An endpoint is an IRI of HTTP; anything else is an error."""
    assert terms(Parameter("x", "endpoint", ""), ["http://127.0.0.1/sparql"]) == [
        ox.NamedNode("http://127.0.0.1/sparql")
    ]
    with pytest.raises(BadParameter, match=r"file:.* is not an address of an endpoint"):
        terms(Parameter("x", "endpoint", ""), ["file:///etc/passwd"])


def test_possible_values_are_options_or_members(gazette):
    """Options come as they are listed, members of a class by name in their order, and other types are not listed."""
    assert possible(Parameter("x", "string", "", options=("b", "a")), gazette) == ["b", "a"]
    assert possible(Parameter("x", "boolean", ""), gazette) == ["true", "false"]
    assert possible(Parameter("x", "integer", ""), gazette) == []
    assert possible(Parameter("x", "iri", ""), gazette) == []
    states = possible(Parameter("x", "iri", "", of_class="tri:State"), gazette)
    assert "Borduria" in states
    assert states == sorted(states)
    assert "Hilda Marsh" not in states


@pytest.mark.parametrize(
    "value", ["Borduria", "  borduria ", "BORDURIA", "id:borduria", f"<{ID}borduria>", ID + "borduria"]
)
def test_thing_is_meant_by_name_curie_or_iri(gazette, value):
    """A name counts without regard to capitals and blanks around it."""
    assert resolve(value, gazette) == resolve(value, gazette, "tri:State") == ox.NamedNode(ID + "borduria")


def test_without_data_an_iri_is_believed():
    """Where nothing is known, an IRI or a CURIE is taken as it is, and a name is an error."""
    assert resolve("id:nobody", None) == ox.NamedNode(ID + "nobody")
    with pytest.raises(BadParameter, match="'Borduria' is not an IRI or CURIE"):
        resolve("Borduria", None)


@pytest.mark.parametrize(
    ("value", "of_class", "message"),
    [
        (" ", None, "an empty value"),
        ("nope:x", None, "is not an IRI, CURIE or name"),
        ("id:bordura", None, "id:borduria"),
        ("Bordura", None, "Borduria"),
        ("Hilda Marsh", "tri:State", r"\(it is a tri:Person\)"),
        ("id:hilda-marsh", "tri:State", r"\(it is a tri:Person\)"),
        ("Nobody at all", "tri:State", "tri:State"),
    ],
)
def test_what_is_not_known_is_refused(gazette, value, of_class, message):
    """An error says what the value is near to, or what it is instead."""
    with pytest.raises(BadParameter, match=message):
        resolve(value, gazette, of_class)


def test_instances_are_those_of_subclasses_too(gazette):
    """A class has the instances of what is below it, a union those of its parts, each with all of its names."""
    actors = parameters.instances(gazette, "tri:Actor")
    states = parameters.instances(gazette, "tri:State")
    assert states.keys() < actors.keys() < parameters.instances(gazette, None).keys()
    assert "Borduria" in states[ID + "borduria"]
    assert parameters.instances(gazette, TRI + "State") == states
    assert states.keys() <= parameters.instances(gazette, "tri:Recognisable").keys()


def test_names_are_looked_up_in_the_data(gazette):
    """A value that is given, and a default without a colon, are known by the names in the data."""
    one = Parameter("x", "iri", "", default="Borduria", of_class="tri:State")
    borduria, syldavia = (ox.NamedNode(ID + name) for name in ("borduria", "syldavia"))
    assert terms(one, [], gazette) == [borduria]
    assert terms(one, ["syldavia"], gazette) == terms(one, ["id:syldavia"], gazette) == [syldavia]
    with pytest.raises(BadParameter, match="no such tri:State"):
        terms(one, ["id:nobody"], gazette)
