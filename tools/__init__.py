"""What makes the project: generators of packaged data and pages, benches, builders of programs, the demo."""
