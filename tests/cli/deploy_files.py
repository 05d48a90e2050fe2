"""The files that cti is run by: deploy/, the compose files, the Dockerfile."""
import sys

try:
    import yaml
except ImportError:  # Another Python than Debian's stands first in PATH; the package is pure Python.
    sys.path.append("/usr/lib/python3/dist-packages")
    import yaml

from harness import ROOT


def read(name):
    return (ROOT / name).read_text()


def workloads():
    """Every container of the Kubernetes manifests, with its pod."""
    for file in sorted((ROOT / "deploy/kubernetes/base").glob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text()):
            spec = document.get("spec", {})
            spec = spec.get("jobTemplate", {}).get("spec", spec)
            pod = spec.get("template", {}).get("spec") if isinstance(spec.get("template"), dict) else None
            if pod:
                yield document, pod, pod["containers"][0]
