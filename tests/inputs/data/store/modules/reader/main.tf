variable "name" {
  type = string
}

variable "policy_arn" {
  type = string
}

variable "bucket" {}

resource "aws_iam_role" "this" {
  name = var.name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "this" {
  role       = aws_iam_role.this.name
  policy_arn = var.policy_arn
}

resource "aws_iam_role_policy" "write" {
  name = "write"
  role = aws_iam_role.this.id
  policy = <<-EOT
    {"Version": "2012-10-17",
     "Statement": {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "${var.bucket.arn}/*"}}
  EOT
}

output "role_name" {
  value = aws_iam_role.this.name
}
