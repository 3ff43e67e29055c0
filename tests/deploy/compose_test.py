#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what deploy/compose.yaml and its files say to each other and to the programs: compose_test.py BIN_FOLDER"""
import json
import pathlib
import re
import subprocess
import sys
import unittest

try:
    import yaml
except ImportError:
    print("compose_test: skipped, because the package python3-yaml is missing; tools/setup.sh installs it")
    sys.exit(77)

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"
BIN = pathlib.Path(sys.argv.pop(1))


def read(name):
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


SERVICES = read("compose.yaml")["services"]


def mounts(service):
    """The files of the repository in a container: {path there: path here}"""
    pairs = [each.split(":") for each in SERVICES[service]["volumes"] if each.startswith("./")]
    return {there: DEPLOY / here for here, there, _ in pairs}


def port_of(service):
    [port] = re.findall(r"0\.0\.0\.0:(\d+)", " ".join(SERVICES[service]["command"]))
    return int(port)


class Compose(unittest.TestCase):
    def test_every_mounted_file_exists(self):
        for service in ("nats", "prometheus", "grafana"):
            self.assertTrue(mounts(service))
            for path in mounts(service).values():
                self.assertTrue(path.is_file(), path)

    def test_the_programs_accept_their_command_lines(self):
        program, *arguments = SERVICES["worker"]["command"]
        done = subprocess.run([BIN / program, "--check-config", *arguments], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        program, *arguments = SERVICES["gateway"]["command"]
        known = subprocess.run([BIN / program, "--help"], capture_output=True, text=True, check=True).stdout
        for option in arguments[::2]:
            self.assertRegex(known, rf"{option}\b")

    def test_both_programs_find_the_nats_server(self):
        for service in ("worker", "gateway"):
            command = SERVICES[service]["command"]
            self.assertEqual(command[command.index("--server") + 1], "nats://nats:4222")
            self.assertEqual(SERVICES[service]["depends_on"], ["nats"])
        self.assertIn("listen: \"127.0.0.1:4222\"", (DEPLOY / "nats-server.conf").read_text(encoding="utf-8"))

    def test_containers_have_more_time_to_end_than_their_programs_need(self):
        settings = subprocess.run([BIN / "inpaintd", "--print-config"], capture_output=True, text=True, check=True).stdout
        drain = int(re.search(r'drain_timeout = "(\d+)s"', settings)[1])
        self.assertGreaterEqual(int(SERVICES["worker"]["stop_grace_period"].rstrip("s")), drain + 15)

    def test_prometheus_asks_workers_and_gateways(self):
        jobs = {each["job_name"]: each for each in read("compose/prometheus.yml")["scrape_configs"]}
        [worker] = jobs["inpaintd"]["dns_sd_configs"]  # the job's name is that of the alerts
        self.assertEqual((worker["names"], worker["port"]), (["worker"], port_of("worker")))
        self.assertEqual(jobs["inpaint-gateway"]["static_configs"], [{"targets": [f"gateway:{port_of('gateway')}"]}])
        command = SERVICES["gateway"]["command"]
        self.assertEqual(command[command.index("--host") + 1], "gateway")
        folder = "/etc/prometheus/"
        for name in read("compose/prometheus.yml")["rule_files"]:
            self.assertIn(folder + name, mounts("prometheus"))

    def test_grafana_finds_its_dashboard(self):
        [provider] = read("compose/grafana-dashboards.yml")["providers"]
        home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
        self.assertEqual(str(pathlib.PurePath(home).parent), provider["options"]["path"])
        dashboard = json.loads(mounts("grafana")[home].read_text(encoding="utf-8"))
        [variable] = [each for each in dashboard["templating"]["list"] if each["type"] == "datasource"]
        [source] = read("compose/grafana-datasource.yml")["datasources"]
        self.assertEqual(variable["query"], source["type"])

    def test_ports_are_open_on_this_machine_only(self):
        for name, service in SERVICES.items():
            for port in service.get("ports", []):
                self.assertTrue(port.startswith("127.0.0.1:"), name)


unittest.main()
