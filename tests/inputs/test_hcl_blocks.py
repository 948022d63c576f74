"""Blocks of Terraform files are found whatever stands inside them."""

from hypothesis import given
from hypothesis import strategies as st

from gate.inputs.text.hcl.blocks import Block, expressions, top_level_blocks

TRICKY = """# resource "aws_iam_role" "comment" {
/* data "x" "y" { */
resource "aws_iam_role" "app" { // {
  name = "a}b${ { x = "}" }["x"] }c"
  assume_role_policy = <<-EOT
    { "Statement": [ }}}}
  EOT
  tags = { a = "$${not a template}" }
}
locals { x = 1 }
data aws_caller_identity me {}
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
"""


def test_blocks_with_labels_and_lines_are_found_among_strings_heredocs_and_comments():
    found = [(b.kind, b.labels, b.line, b.end_line) for b in top_level_blocks(TRICKY)]
    assert found == [
        ("resource", ("aws_iam_role", "app"), 3, 9),
        ("locals", (), 10, 10),
        ("data", ("aws_caller_identity", "me"), 11, 11),
        ("terraform", (), 12, 16),
    ]


def test_a_block_knows_its_body():
    text = 'variable "x" {\n  default = 1\n}'
    assert list(top_level_blocks(text)) == [Block("variable", ("x",), 0, 14, len(text), 1, 3)]
    assert text[14 : len(text)] == "\n  default = 1\n}"


BODY = """
  name = "x${var.y["a"]}"
  policy = jsonencode({
    a = aws_x.y[0].arn
  })
  text = <<-EOT
    { a = "${aws_r.z.id}"
  EOT
  plain = "abc" # foo.bar
  environment {
    variables = {
      A = "b"
      B = var.x
    }
  }
  dynamic "statement" {
    for_each = var.x
    content { a = each.value.z }
  }
  last = [1,
    2]
"""


def test_arguments_are_told_as_a_plan_tells_them():
    assert expressions(BODY) == {
        "name": {"references": ['var.y["a"]']},
        "policy": {"references": ["aws_x.y[0].arn"]},
        "text": {"references": ["aws_r.z.id"]},
        "plain": {"constant_value": None},
        "environment": [{"variables": {"references": ["var.x"]}}],
        "statement": [{"references": ["var.x", "each.value.z"]}],
        "last": {"constant_value": None},
    }


@given(st.text(alphabet='{}"$%<-/*#\n ab', max_size=200))
def test_no_text_makes_the_scan_fail_or_hang(text):
    for block in top_level_blocks(text):
        assert 0 <= block.start < block.body <= block.end <= len(text)
