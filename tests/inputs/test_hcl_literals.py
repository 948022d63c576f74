"""What a block writes out, read from its source."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gate.inputs.text.hcl.literals import literals


def test_literals_beside_references_keep_their_place() -> None:
    body = """
  environment {
    variables = {
      TABLE       = aws_dynamodb_table.t.name # "a comment"
      DB_PASSWORD = "pa\\"ss"
      "X-Y" : "quoted", LOWER = lower("NO")
      URL = "postgres://u@${aws_db_instance.d["a"].address}/"
    }
  }
"""
    variables = {
        "DB_PASSWORD": 'pa"ss',
        "X-Y": "quoted",
        "URL": "postgres://u@${}/",
    }
    assert literals(body) == {"environment": [{"variables": variables}]}


def test_lists_keep_the_places_of_what_is_no_literal() -> None:
    body = 'container_definitions = jsonencode([{ name = "a", n = 1 }, local.second, ["b", null]])'
    assert literals(body) == {"container_definitions": [{"name": "a"}, None, ["b", None]]}


def test_what_merge_adds_from_elsewhere_is_told() -> None:
    body = 'variables = merge(local.common, { A = "a" },\n  { B = "b" })\nplain = merge({ A = "a" }, { A = "c" })'
    assert literals(body) == {"variables": {"*": None, "A": "a", "B": "b"}, "plain": {"A": "c"}}


def test_conditions_calls_and_for_expressions_write_nothing() -> None:
    body = """
  count = var.env == "prod" ? 1 : 0
  name  = format("%s-x", "y")
  tags  = { for k, v in local.t : k => "v" }
  list  = [for x in local.y : "q" if x != "z"]
  index = local.map["key"]
"""
    assert literals(body) == {}


def test_heredocs_are_texts_without_what_their_templates_give() -> None:
    assert literals('user_data = <<-EOT\n  export A=${x}\n  EOT\nname = "n"\n') == {
        "user_data": "  export A=${}\n",
        "name": "n",
    }


def test_a_dynamic_block_is_one_block_of_its_name() -> None:
    body = 'dynamic "setting" {\n  for_each = ["a"]\n  content {\n    value = "v"\n  }\n}'
    assert literals(body) == {"setting": [{"value": "v"}]}


@given(st.text(alphabet='{}()[]"\n=:,?<-$ab#/\\ ', max_size=200))
def test_no_text_stops_the_reader(body: str) -> None:
    assert isinstance(literals(body), dict)
