import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gate.engine import bundle as bundle_module
from gate.engine.engine import Engine
from gate.errors import DecisionError, EngineError, PolicyError

_POLICIES = Path(__file__).parent / "policies"
RULE = (_POLICIES / "acme.rego").read_text(encoding="utf-8")

SLOW = (_POLICIES / "slow.rego").read_text(encoding="utf-8")


def test_nothing_to_judge_is_an_allow_of_every_rule(empty):
    with Engine() as engine:
        decision = engine.decide(empty)

    assert decision["verdict"] == "allow"
    assert decision["findings"] == []
    assert set(decision["ran"]) == bundle_module.build_bundle().rules


def test_an_administrator_is_denied(admin):
    with Engine() as engine:
        decision = engine.decide(admin)

    assert decision["verdict"] == "deny"
    assert ("effective-admin", "aws_iam_role.r", "active", "introduced") in {
        (f["rule"], f["identity"], f["status"], f["change"]) for f in decision["findings"]
    }


def test_the_revision_and_the_version_are_told(empty):
    with Engine() as engine:
        assert re.fullmatch(r"[0-9a-f]{64}", engine.revision)
        assert re.fullmatch(r"1\.\d+\.\d+\S*", engine.opa_version)


def test_an_organisations_policy_judges_too(admin, policy):
    with Engine(policies=[policy(RULE)]) as engine:
        decision = engine.decide(admin)

    assert "organisation.acme" in decision["ran"]
    assert "acme-nobody" in {f["rule"] for f in decision["findings"]}


def test_an_organisations_data_reaches_its_policy(admin, policy, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "known.yaml").write_text("roles: [aws_iam_role.r]\n", encoding="utf-8")
    excepting = RULE.replace(
        "input.access.identities\n", "input.access.identities\n\tnot id in data.organisation_data.known.roles\n"
    )
    with Engine(policies=[policy(excepting)], data=[tmp_path / "data"]) as engine:
        decision = engine.decide(admin)

    assert "acme-nobody" not in {f["rule"] for f in decision["findings"]}


# What would silently turn into an allow.


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("identities", "oops"),
        ("identities", {"aws_iam_role.r": {"grants": "oops"}}),
        ("identities", []),
        ("grants", "oops"),
        ("grants", {"g1": {}}),
        ("trust", {"aws_iam_role.r": {}}),
        ("unknown", {}),
        ("reads", True),
        ("schema", "gate.access/v0"),
        ("surprise", []),
    ],
)
def test_a_malformed_model_is_never_judged(admin, where, value):
    admin["access"][where] = value
    with Engine() as engine, pytest.raises(DecisionError, match="does not match the schema.*envelope"):
        engine.decide(admin)


def test_a_malformed_model_of_the_side_before_is_never_judged(admin):
    admin["before"] = {**admin["access"], "grants": "oops"}
    with (
        Engine() as engine,
        pytest.raises(DecisionError, match=r"envelope\.before\.grants: expected object, found str"),
    ):
        engine.decide(admin)


def test_an_envelope_without_its_parts_is_never_judged():
    with Engine() as engine, pytest.raises(DecisionError, match="is missing"):
        engine.decide({})


def test_an_undefined_decision_is_an_error(monkeypatch, tmp_path, empty):
    root = _copy_of_rego(tmp_path)
    main = root / "gate" / "main.rego"
    main.write_text(
        main.read_text().replace("decision := {", 'decision := {\n\t"more": input.nowhere,'), encoding="utf-8"
    )
    monkeypatch.setattr(bundle_module, "rego_root", lambda: root)
    with Engine() as engine, pytest.raises(DecisionError, match="without a result"):
        engine.decide(empty)


def test_an_error_in_a_built_in_of_a_policy_is_an_error(admin, policy):
    failing = RULE.replace("input.access.identities\n", "input.access.identities\n\tto_number(id) > 1\n")
    with Engine(policies=[policy(failing)]) as engine, pytest.raises(EngineError, match=r"to_number.*acme\.rego:\d+"):
        engine.decide(admin)


def test_a_rule_missing_from_the_bundle_is_an_error(monkeypatch, tmp_path, empty):
    expected = bundle_module.build_bundle().rules
    root = _copy_of_rego(tmp_path)
    (root / "gate" / "rules" / "access" / "effective_admin" / "effective_admin.rego").unlink()
    monkeypatch.setattr(bundle_module, "rego_root", lambda: root)
    monkeypatch.setattr(bundle_module, "_shipped_rules", lambda root: iter(expected))
    with (
        Engine() as engine,
        pytest.raises(DecisionError, match=r"gate\.rules\.access\.effective_admin did not return a set of findings"),
    ):
        engine.decide(empty)


def test_a_rule_whose_findings_are_undefined_is_an_error(empty, policy):
    undefined = (
        "package organisation.acme\n\nfindings := {f | some f in input.access.nowhere} if input.access.reads == 99\n"
    )
    with (
        Engine(policies=[policy(undefined)]) as engine,
        pytest.raises(DecisionError, match=r"organisation\.acme \(.*acme\.rego:3\) did not"),
    ):
        engine.decide(empty)


@pytest.mark.parametrize(
    ("field", "instead", "cause"),
    [
        ('"facts": {"exists"},', "", "has no facts"),
        ('"facts": {"exists"},', '"facts": set(),', "has no facts: expected a set with at least one string"),
        ('"facts": {"exists"},', '"facts": ["exists"],', "facts that must be a set"),
        ('"address": id,', "", "has no address"),
        ('"identity": id,', "", "has no identity"),
        ('"identity": id,', '"identity": 7,', "identity that must be a string"),
        ('"evidence": [],', '"evidence": [],\n\t\t"severity": "CRITICAL",', "a severity other than critical"),
    ],
)
def test_a_finding_against_the_contract_does_not_vanish_and_says_why(admin, policy, field, instead, cause):
    said = rf"organisation\.acme \(.*acme\.rego:15\) did not return .*: a finding of acme-nobody.*{cause}"
    with Engine(policies=[policy(RULE.replace(field, instead))]) as engine, pytest.raises(DecisionError, match=said):
        engine.decide(admin)


def test_a_plain_object_is_no_finding(admin, policy):
    plain = 'package organisation.acme\n\nfindings contains {"msg": "no"} if input.access.identities\n'
    said = (
        r"acme\.rego:3\).*a finding without a rule id has no rule, .*; build the finding with data\.gate\.lib\.finding"
    )
    with Engine(policies=[policy(plain)]) as engine, pytest.raises(DecisionError, match=said):
        engine.decide(admin)


def test_the_example_of_the_documentation_loads_and_finds(admin, policy):
    page = Path(bundle_module.rego_root()).parent / "docs" / "policies.md"
    example = page.read_text(encoding="utf-8").partition("```rego\n")[2].partition("```")[0]
    identity = admin["access"]["identities"]["aws_iam_role.r"]
    with Engine(policies=[policy(example)]) as engine:
        for environment, boundary, found in (("prod", None, True), ("dev", None, False), ("prod", "arn:x", False)):
            identity.update(environment=environment, boundary=boundary)
            rules = {finding["rule"] for finding in engine.decide(admin)["findings"]}
            assert ("prod-boundary" in rules) == found


@pytest.mark.parametrize(
    ("field", "instead", "said"),
    [
        ('"evidence": [],', '"evidence": "none",', "evidence of the wrong type"),
        ('"location": null,', '"location": "iam.tf",', "location of the wrong type"),
        ('"location": null,', "", "missing or extra fields: location"),
        ('"location": null,', '"location": null,\n\t\t"extra": 1,', "missing or extra fields: extra"),
        ('"evidence": [],', '"evidence": [],\n\t\t"confidence": "sure",', "confidence of the wrong type"),
    ],
)
def test_a_finding_of_the_wrong_shape_is_no_decision(admin, policy, field, instead, said):
    with (
        Engine(policies=[policy(RULE.replace(field, instead))]) as engine,
        pytest.raises(DecisionError, match=f"acme-nobody.*{said}"),
    ):
        engine.decide(admin)


def test_a_decision_that_takes_too_long_is_an_error(admin, policy):
    with (
        Engine(policies=[policy(SLOW)], timeout=0.5) as engine,
        pytest.raises(EngineError, match=r"did not answer within 0\.5 s"),
    ):
        engine.decide(admin)


def test_an_opa_killed_in_the_middle_is_an_error(admin, policy):
    with Engine(policies=[policy(SLOW)]) as engine:
        engine._private.wait()  # the clock runs for the decision alone
        threading.Timer(1.5, lambda: engine._private.process.send_signal(signal.SIGKILL)).start()
        with pytest.raises(EngineError, match=r"ended during the decision.*killed by signal 9"):
            engine.decide(admin)


def test_an_opa_killed_before_the_decision_is_an_error(empty):
    with Engine() as engine:
        engine.decide(empty)
        engine._private.process.kill()
        engine._private.process.wait()
        with pytest.raises(EngineError, match="killed by signal 9"):
            engine.decide(empty)


def test_a_closed_engine_does_not_decide(empty):
    engine = Engine()
    engine.close()
    engine.close()
    with pytest.raises(EngineError):
        engine.decide(empty)


# Broken policies of the organisation.


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("package organisation.acme\n\nfindings contains 1 if {\n", r"acme\.rego:\d+.*rego_parse_error"),
        ("package organisation.acme\n\nfindings contains 1 if nowhere\n", r"acme\.rego:3.*var nowhere is unsafe"),
        ("package gate\n\nfindings contains 1 if true\n", r"acme\.rego: package gate is not the organisation's own"),
        ("package gate.rules.access.mine\n\nfindings contains 1 if true\n", "is not the organisation's own"),
        ("package organisation\n\nfindings contains 1 if true\n", "is not the organisation's own"),
        ("package organisation.acme\n\nfinding contains 1 if true\n", r"acme\.rego: package .* defines no `findings`"),
        ("package organisation.acme.deep\n\nfindings contains 1 if true\n", "no package organisation.<name>"),
        (RULE.replace("input.access.identities", "input.access.identites"), r"acme\.rego:\d+.*undefined ref"),
        (RULE[RULE.index("package") :], r"acme\.rego:1: the package has no METADATA with title, custom\.id"),
        (
            RULE.replace("#   remediation: Remove it.\n", ""),
            r"acme\.rego:1: the METADATA .* has no custom\.remediation",
        ),
        (RULE.replace("severity: high", "severity: hihg"), r"acme\.rego:1: .*hihg; it is one of critical, high"),
        (RULE.replace("confidence: proven", "confidence: sure"), r"acme\.rego:1: .*sure; it is one of proven"),
        (
            RULE.replace("id, _ in", "id, it in").replace("\tfinding :=", "\tnot it.lifecycle.owner\n\tfinding :="),
            r"acme\.rego:17: `not it\.lifecycle\.owner` never holds.*write `it\.lifecycle\.owner == null`",
        ),
        (
            RULE.replace("id, _ in", "id, it in").replace("\tfinding :=", "\tit.boundary\n\tfinding :="),
            r"acme\.rego:17: `it\.boundary` always holds",
        ),
    ],
)
def test_a_broken_policy_is_an_error_with_its_place(policy, text, said):
    with pytest.raises(PolicyError, match=said):
        Engine(policies=[policy(text)])


@pytest.mark.parametrize(
    "call",
    [
        'http.send({"method": "POST", "url": "http://127.0.0.1:9/", "body": input})',
        'net.lookup_ip_addr("localhost")',
        "opa.runtime()",
        'json.match_schema({}, {"$ref": "http://127.0.0.1:9/"})',
        'json.verify_schema({"$ref": "http://127.0.0.1:9/"})',
    ],
)
def test_a_policy_cannot_reach_out_of_the_engine(policy, call):
    name = call.partition("(")[0]
    text = f"package organisation.acme\n\nfindings contains x if x := {call}\n"
    with pytest.raises(PolicyError, match=f"undefined function {name}") as error:
        Engine(policies=[policy(text)])
    assert error.value.hint == f"{name} is not available: a policy must not reach outside of OPA"


def test_a_policy_directory_without_rego_is_an_error(tmp_path):
    with pytest.raises(PolicyError, match="no Rego found"):
        Engine(policies=[tmp_path])


def test_a_rego_of_ours_that_does_not_load_is_an_error(monkeypatch, tmp_path, empty):
    root = _copy_of_rego(tmp_path)
    (root / "gate" / "broken.rego").write_text("package gate.broken\n\nx if nowhere\n", encoding="utf-8")
    monkeypatch.setattr(bundle_module, "rego_root", lambda: root)
    with Engine() as engine, pytest.raises(PolicyError, match=r"did not start: .*broken\.rego:3.*unsafe"):
        engine.decide(empty)


# Lifetime.


def test_two_engines_do_not_disturb_each_other(admin, empty):
    with Engine() as one, Engine() as two, ThreadPoolExecutor(2) as pool:
        assert one._private.door != two._private.door
        first = [pool.submit(one.decide, admin) for _ in range(4)]
        second = [pool.submit(two.decide, empty) for _ in range(4)]

        assert {f.result()["verdict"] for f in first} == {"deny"}
        assert {f.result()["verdict"] for f in second} == {"allow"}


def test_a_large_model_gets_through(admin):
    """About 8 MB of JSON."""
    grant = admin["access"]["grants"]["g1"]
    admin["access"]["grants"] |= {f"unused{n}": {**grant, "holders": []} for n in range(20_000)}
    with Engine() as engine:
        assert engine.decide(admin)["verdict"] == "deny"


def _copy_of_rego(tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundle_module.rego_root(), tmp_path / "rego"))


def _gone(pid: int, seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            if "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text(encoding="ascii"):
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("ending", ["exit", "exception", "interrupt", "kill"])
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_private_opa_dies_with_us_however_we_end(ending, tmp_path):
    script = textwrap.dedent(f"""\
        import os, signal, sys, time
        from gate.engine.engine import Engine
        engine = Engine()
        print(engine._private.process.pid, flush=True)
        engine._private.wait()
        if "{ending}" == "exception":
            raise RuntimeError
        if "{ending}" == "interrupt":
            os.kill(os.getpid(), signal.SIGINT)
        if "{ending}" == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        """)
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False)

    assert _gone(int(run.stdout))
    # Nobody is left to remove the socket of a process that was killed.
    left = [path for path in tmp_path.rglob("*") if path.is_file()] if ending == "kill" else list(tmp_path.iterdir())
    assert left == []
