"""Plans and source directories of Terraform in, ``TerraformPlan`` out."""
