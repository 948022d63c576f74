"""How strong the tests are: small changes of the code, each of which should fail a test (``make mutate``)."""
