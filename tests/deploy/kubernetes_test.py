#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what the manifests in deploy/kubernetes say to each other and to the programs: kubernetes_test.py INPAINTD"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

try:
    import yaml
except ImportError:
    print("kubernetes_test: skipped, because the package python3-yaml is missing; tools/setup.sh installs it")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANIFESTS = ROOT / "deploy" / "kubernetes"
INPAINTD = sys.argv.pop(1)


def documents(*folders):
    """All objects of the manifests in these folders, without the kustomizations."""
    files = [path for folder in folders for path in sorted((MANIFESTS / folder).glob("*.yaml"))
             if path.name != "kustomization.yaml"]
    return [each for path in files for each in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


ALL = documents(".", "monitoring", "scaling")
DEPLOYMENTS = {each["metadata"]["name"]: each for each in ALL if each["kind"] == "Deployment"}


def pod(name):
    return DEPLOYMENTS[name]["spec"]["template"]


def container(name):
    [only] = pod(name)["spec"]["containers"]
    return only


def seconds(text):
    return int(re.fullmatch(r"(\d+)s", text)[1])


class Manifests(unittest.TestCase):
    def test_the_settings_are_valid(self):
        done = subprocess.run([INPAINTD, "--check-config", "--config", MANIFESTS / "inpaintd.toml"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_every_selector_finds_a_deployment(self):
        labels = [pod(name)["metadata"]["labels"] for name in DEPLOYMENTS]
        for each in ALL:
            spec = each.get("spec", {})
            selector = spec.get("podSelector", spec.get("selector"))
            if each["kind"] == "ScaledObject":
                self.assertIn(spec["scaleTargetRef"]["name"], DEPLOYMENTS)
            elif selector:
                wanted = selector.get("matchLabels", selector)
                self.assertTrue(any(wanted.items() <= have.items() for have in labels), each["metadata"]["name"])

    def test_ports_have_the_numbers_that_the_programs_and_policies_use(self):
        settings = (MANIFESTS / "inpaintd.toml").read_text(encoding="utf-8")
        ports = {name: container(name)["ports"][0]["containerPort"] for name in DEPLOYMENTS}
        self.assertIn(f'listen = "0.0.0.0:{ports["inpaintd"]}"', settings)
        self.assertIn(f"--listen=0.0.0.0:{ports['inpaint-gateway']}", container("inpaint-gateway")["args"])
        policies = [each for each in ALL if each["kind"] == "NetworkPolicy"]
        allowed = {port["port"] for policy in policies for rule in policy["spec"].get("ingress", [])
                   for port in rule["ports"]}
        self.assertEqual(allowed, set(ports.values()))
        nats = re.search(r'url = "(nats://[^"]+)"', settings)[1]
        self.assertIn(f"--server={nats}", container("inpaint-gateway")["args"])
        out = {port["port"] for policy in policies for rule in policy["spec"].get("egress", []) for port in rule["ports"]}
        self.assertIn(int(nats.rsplit(":", 1)[1]), out)

    def test_a_pod_has_more_time_to_end_than_its_program_needs(self):
        drain = seconds(re.search(r'drain_timeout = "(\w+)"', (MANIFESTS / "inpaintd.toml").read_text())[1])
        self.assertGreaterEqual(pod("inpaintd")["spec"]["terminationGracePeriodSeconds"], drain + 15)
        sleep = int(container("inpaint-gateway")["lifecycle"]["preStop"]["exec"]["command"][1])
        self.assertGreaterEqual(pod("inpaint-gateway")["spec"]["terminationGracePeriodSeconds"], 30 + sleep + 10)

    def test_pods_meet_the_standard_that_the_namespace_enforces(self):
        for name in DEPLOYMENTS:
            security = pod(name)["spec"]["securityContext"]
            self.assertTrue(security["runAsNonRoot"])
            self.assertEqual(security["seccompProfile"], {"type": "RuntimeDefault"})
            own = container(name)["securityContext"]
            self.assertFalse(own["allowPrivilegeEscalation"])
            self.assertTrue(own["readOnlyRootFilesystem"])
            self.assertEqual(own["capabilities"], {"drop": ["ALL"]})

    def test_metrics_that_decide_exist(self):
        known = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        [scaled] = [each for each in ALL if each["kind"] == "ScaledObject"]
        queries = [trigger["metadata"]["query"] for trigger in scaled["spec"]["triggers"] if trigger["type"] == "prometheus"]
        self.assertEqual(len(queries), 1)
        for metric in re.findall(r"inpaintd_\w+", queries[0]):
            self.assertIn(f"`{metric}`", known)

    def test_kustomize_builds_everything_with_all_components(self):
        if shutil.which("kubectl") is None:
            self.skipTest("kubectl is missing")
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(MANIFESTS, pathlib.Path(folder) / "base")
            overlay = pathlib.Path(folder) / "overlay"
            overlay.mkdir()
            components = ["../base/" + name for name in ("monitoring", "scaling", "scaling-durable")]
            (overlay / "kustomization.yaml").write_text(yaml.safe_dump({
                "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "namespace": "inpaint",
                "resources": ["../base"], "components": components}))
            done = subprocess.run(["kubectl", "kustomize", overlay], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        built = [each for each in yaml.safe_load_all(done.stdout)]
        [scaled] = [each for each in built if each["kind"] == "ScaledObject"]
        consumers = [trigger["metadata"].get("consumer") for trigger in scaled["spec"]["triggers"]]
        self.assertEqual(consumers, [None, "high", "normal", "low"])
        [worker] = [each for each in built if each["kind"] == "Deployment" and each["metadata"]["name"] == "inpaintd"]
        self.assertRegex(worker["spec"]["template"]["spec"]["volumes"][0]["configMap"]["name"], r"^inpaintd-\w+$")
        for each in built:
            if each["kind"] != "Namespace":
                self.assertEqual(each["metadata"]["namespace"], "inpaint", each)


unittest.main()
