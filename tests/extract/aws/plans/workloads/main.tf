terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

locals {
  any = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_iam_role" "run" {
  for_each           = toset(["code", "platform"])
  name               = each.key
  assume_role_policy = local.any
}

resource "aws_iam_instance_profile" "code" {
  name = "profile"
  role = aws_iam_role.run["code"].name
}

resource "aws_security_group" "open" {
  name = "open"
}

resource "aws_vpc_security_group_ingress_rule" "open" {
  security_group_id = aws_security_group.open.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_launch_template" "t" {
  name = "template"
  iam_instance_profile {
    arn = aws_iam_instance_profile.code.arn
  }
}

resource "aws_instance" "public" {
  ami                         = "ami-12c6146b"
  instance_type               = "t3.micro"
  iam_instance_profile        = aws_iam_instance_profile.code.name
  associate_public_ip_address = true
  vpc_security_group_ids      = [aws_security_group.open.id]
}

resource "aws_instance" "private" {
  instance_type               = "t3.micro"
  ami                         = "ami-12c6146b"
  associate_public_ip_address = false
  launch_template {
    id = aws_launch_template.t.id
  }
}

resource "aws_ecs_task_definition" "task" {
  family                = "task"
  task_role_arn         = aws_iam_role.run["code"].arn
  execution_role_arn    = aws_iam_role.run["platform"].arn
  container_definitions = jsonencode([{ name = "x", image = "y", memory = 10 }])
}

resource "aws_batch_job_definition" "job" {
  name                 = "job"
  type                 = "container"
  container_properties = jsonencode({ image = "x", vcpus = 1, memory = 8, jobRoleArn = "arn:aws:iam::123456789012:role/existing" })
}

resource "aws_lambda_function" "url" {
  function_name = "url"
  role          = aws_iam_role.run["code"].arn
  handler       = "x.y"
  runtime       = "python3.12"
  s3_bucket     = "code"
  s3_key        = "code.zip"
}

resource "aws_lambda_function_url" "url" {
  function_name      = aws_lambda_function.url.function_name
  authorization_type = "NONE"
}

resource "aws_lambda_permission" "url" {
  function_name          = aws_lambda_function.url.function_name
  action                 = "lambda:InvokeFunctionUrl"
  principal              = "*"
  function_url_auth_type = "NONE"
}

resource "aws_lambda_function" "api" {
  function_name = "api"
  role          = aws_iam_role.run["code"].arn
  handler       = "x.y"
  runtime       = "python3.12"
  s3_bucket     = "code"
  s3_key        = "code.zip"
}

resource "aws_apigatewayv2_integration" "api" {
  api_id           = "abc"
  integration_type = "AWS_PROXY"
  integration_uri  = aws_lambda_function.api.invoke_arn
}

resource "aws_lambda_function" "quiet" {
  function_name = "quiet"
  role          = "arn:aws:iam::123456789012:role/platform"
  handler       = "x.y"
  runtime       = "python3.12"
  s3_bucket     = "code"
  s3_key        = "code.zip"
}

resource "aws_codebuild_project" "build" {
  name         = "build"
  service_role = aws_iam_role.run["code"].arn
  artifacts {
    type = "NO_ARTIFACTS"
  }
  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "x"
    type         = "LINUX_CONTAINER"
  }
  source {
    type      = "NO_SOURCE"
    buildspec = "x"
  }
}

resource "aws_lb" "front" {
  name     = "front"
  internal = false
  subnets  = ["subnet-1", "subnet-2"]
}

resource "aws_lb_target_group" "front" {
  name     = "front"
  port     = 80
  protocol = "HTTP"
  vpc_id   = "vpc-1"
}

resource "aws_lb_listener" "front" {
  load_balancer_arn = aws_lb.front.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.front.arn
  }
}

resource "aws_ecs_service" "web" {
  name            = "web"
  task_definition = aws_ecs_task_definition.task.arn
  load_balancer {
    target_group_arn = aws_lb_target_group.front.arn
    container_name   = "x"
    container_port   = 80
  }
}
