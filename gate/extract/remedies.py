"""What to do about a value that is not known before apply."""

from __future__ import annotations

from gate.inputs.documents import TerraformPlan


def not_known(plan: TerraformPlan | None) -> str:
    """The next step: give the source, or, where that was done, what kept Terraform from telling the value."""
    if plan is not None and plan.not_evaluated:
        return f"Fix what prevents Terraform from evaluating the source: {plan.not_evaluated}"
    if plan is not None and plan.symbols:
        return (
            "Terraform cannot determine this value from the source either: "
            "write it in a form that is known before apply."
        )
    return "Give the gate the source, so that Terraform can evaluate it: gate check plan.json --source DIR"
