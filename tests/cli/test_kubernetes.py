"""The manifests for Kubernetes: what can be said of them without a cluster."""
import ipaddress
import json
import re
import shutil
import subprocess
import sys
import unittest

try:
    import jsonschema
except ImportError:
    sys.path.append("/usr/lib/python3/dist-packages")
    import jsonschema

from deploy_files import read, workloads, yaml
from harness import Case, ROOT

# kustomize alone or within kubectl: it needs no cluster.
KUSTOMIZE = ["kubectl", "kustomize"] if shutil.which("kubectl") else ["kustomize", "build"] if shutil.which("kustomize") else None


class Kubernetes(Case):
    def test_every_pod_is_locked_in(self):
        found = list(workloads())
        self.assertEqual(sorted(d["kind"] for d, _, _ in found), ["CronJob", "CronJob", "CronJob", "Deployment", "Deployment", "Job"])
        for document, pod, container in found:
            with self.subTest(document["kind"]):
                self.assertFalse(pod["automountServiceAccountToken"])
                self.assertTrue(pod["securityContext"]["runAsNonRoot"])
                self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
                self.assertEqual(container["securityContext"],
                                 {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}})
                self.assertIn("memory", container["resources"]["limits"])
                volumes = {v["name"] for v in pod["volumes"]}
                self.assertEqual({m["name"] for m in container["volumeMounts"]}, volumes)
                self.assertNotIn("DATABASE_URL", [e["name"] for e in container["env"]])

    def test_probes_and_overlap(self):
        self.assertEqual({d["spec"]["concurrencyPolicy"] for d, _, _ in workloads() if d["kind"] == "CronJob"}, {"Forbid"})
        probes = next(container for d, _, container in workloads() if d["metadata"]["name"] == "cti-monitor")
        self.assertEqual((probes["livenessProbe"]["httpGet"]["path"], probes["readinessProbe"]["httpGet"]["path"]), ("/livez", "/readyz"))

    def documents(self):
        """(where it stands, object) of every manifest, and of what kustomize makes of each folder, where it is here."""
        folder = ROOT / "deploy/kubernetes"
        for file in sorted(folder.glob("base/*.yaml")):
            if file.name != "kustomization.yaml":
                yield from ((file.name, d) for d in yaml.safe_load_all(file.read_text()))
        for name, objects in self.built().items():
            yield from ((name, d) for d in objects)

    def built(self):
        if not KUSTOMIZE:
            return {}
        made = {}
        for name in (".", "overlays/development", "overlays/production"):
            done = subprocess.run([*KUSTOMIZE, ROOT / "deploy/kubernetes" / name], capture_output=True, text=True, timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            made[name] = list(yaml.safe_load_all(done.stdout))
        return made

    def test_every_object_fits_the_published_schema(self):
        """Fields, types and what is required, by Kubernetes' own client; see tests/data/kubernetes/make_schema.py."""
        schema = json.loads(read("tests/data/kubernetes/schema.json"))
        seen = set()
        for where, document in self.documents():
            kind = "%s %s" % (document["apiVersion"], document["kind"])
            seen.add(kind)
            with self.subTest("%s: %s %s" % (where, kind, document["metadata"]["name"])):
                rule = {"$ref": "#/definitions/" + schema["kinds"][kind], "definitions": schema["definitions"]}
                jsonschema.Draft7Validator(rule).validate(document)
                spoiled = json.loads(json.dumps(document, default=str))
                spoiled["metadata"]["nmae"] = "x"
                self.assertFalse(jsonschema.Draft7Validator(rule).is_valid(spoiled))
        self.assertEqual(seen, set(schema["kinds"]) - (set() if KUSTOMIZE else {"v1 Namespace", "autoscaling/v2 HorizontalPodAutoscaler"}))

    def test_kustomize_names_files_that_are_there(self):
        folder = ROOT / "deploy/kubernetes"
        for file in folder.rglob("kustomization.yaml"):
            what = yaml.safe_load(file.read_text())
            named = [*what["resources"], *(p["path"] for p in what.get("patches", []))]
            for name in named:
                self.assertTrue((file.parent / name).exists(), "%s: %s" % (file, name))
            if file.parent != folder:
                self.assertEqual({n for n in named if n.endswith(".yaml")}, {p.name for p in file.parent.glob("*.yaml")} - {"kustomization.yaml"})

    def test_what_selects_pods_finds_some(self):
        pods = [d["spec"]["template"]["metadata"]["labels"] for d, _, _ in workloads() if d["kind"] == "Deployment"]
        for _, document in self.documents():
            selector = document.get("spec", {}).get("selector") or document.get("spec", {}).get("podSelector")
            if selector:
                labels = selector.get("matchLabels", selector)
                self.assertTrue([p for p in pods if labels.items() <= p.items()], document["metadata"]["name"])

    def test_a_budget_never_stops_the_nodes_from_being_emptied(self):
        budgets = [d for _, d in self.documents() if d["kind"] == "PodDisruptionBudget"]
        self.assertEqual({d["metadata"]["name"] for d in budgets}, {"cti-monitor", "cti-worker"})
        self.assertTrue(all(d["spec"]["maxUnavailable"] == 1 and "minAvailable" not in d["spec"] for d in budgets))

    def test_feeds_reach_no_private_network_and_the_database_is_reached_by_all(self):
        policies = {d["metadata"]["name"]: d["spec"] for where, d in self.documents() if d["kind"] == "NetworkPolicy" and where == "network.yaml"}
        self.assertEqual(policies["cti-status-only"]["policyTypes"], ["Ingress"])
        blocks = [b["ipBlock"] for b in policies["cti-feeds"]["egress"][0]["to"]]
        for block in blocks:
            whole = ipaddress.ip_network(block["cidr"])
            for part in block["except"]:
                self.assertTrue(ipaddress.ip_network(part).subnet_of(whole))
        closed = [ipaddress.ip_network(e) for b in blocks for e in b["except"]]
        for address in ("10.1.2.3", "169.254.169.254", "192.168.1.1", "172.31.0.1", "100.64.0.1", "fd00::1", "::1"):
            self.assertTrue(any(ipaddress.ip_address(address) in n for n in closed if n.version == ipaddress.ip_address(address).version), address)
        ports = {p["port"] for rule in policies["cti-database-only"]["egress"] for p in rule["ports"]}
        self.assertEqual(ports, {53, 5432, 6432})

    @unittest.skipUnless(KUSTOMIZE, "there is neither kubectl nor kustomize here")
    def test_the_overlays_differ_as_they_say(self):
        made = {name: {(d["kind"], d["metadata"]["name"]): d for d in objects} for name, objects in self.built().items()}
        production, development = made["overlays/production"], made["overlays/development"]
        self.assertEqual(production["Deployment", "cti-monitor"]["spec"]["replicas"], 2)
        self.assertNotIn("replicas", production["Deployment", "cti-worker"]["spec"])  # the autoscaler's
        scaler = production["HorizontalPodAutoscaler", "cti-worker"]["spec"]
        self.assertIn(("Deployment", scaler["scaleTargetRef"]["name"]), production)
        metric = scaler["metrics"][0]["external"]["metric"]["name"]
        self.assertIn("`%s`" % metric, read("docs/reference.md"))
        rule, = yaml.safe_load(read("deploy/kubernetes/prometheus-adapter.yaml"))["rules"]["external"]
        self.assertIn(metric, rule["metricsQuery"])
        self.assertFalse(production["CronJob", "cti-backup"]["spec"]["suspend"])
        self.assertTrue(development["CronJob", "cti-backup"]["spec"]["suspend"])
        env = development["Deployment", "cti-monitor"]["spec"]["template"]["spec"]["containers"][0]["env"]
        self.assertEqual({e["name"]: e["value"] for e in env}, {"CTI_LOG_FORMAT": "text", "CTI_ALLOW_PRIVATE": "1", "DATABASE_URL_FILE": "/run/secrets/cti/url"})
        for name, objects in made.items():
            self.assertEqual({d["metadata"].get("namespace") for d in objects.values() if d["kind"] != "Namespace"},
                             {{".": "cti", "overlays/production": "cti", "overlays/development": "cti-development"}[name]})
        version = re.search(r"project\(cti VERSION ([\d.]+)", read("CMakeLists.txt"))[1]
        self.assertIn("newTag: %s}" % version, read("deploy/kubernetes/overlays/production/kustomization.yaml"))
        self.assertEqual(production["Namespace", "cti"]["metadata"]["labels"], {"pod-security.kubernetes.io/enforce": "restricted"})


if __name__ == "__main__":
    unittest.main()
