#!/usr/bin/env python3
"""Writes schema.json: the fields of the Kubernetes objects that deploy/kubernetes/ has, their types and which are required.

  npm pack @kubernetes/client-node && tar xzf kubernetes-client-node-*.tgz
  tests/data/kubernetes/make_schema.py package

The package is Kubernetes' own JavaScript client. Its declarations are generated from the published OpenAPI document of one release,
which stands in each file; nothing else of the document (formats, ranges, words that a field takes) comes through.
"""
import json
import pathlib
import re
import sys

KINDS = {
    ("v1", "Namespace"): "V1Namespace", ("v1", "Service"): "V1Service", ("v1", "PersistentVolumeClaim"): "V1PersistentVolumeClaim",
    ("apps/v1", "Deployment"): "V1Deployment", ("batch/v1", "Job"): "V1Job", ("batch/v1", "CronJob"): "V1CronJob",
    ("networking.k8s.io/v1", "NetworkPolicy"): "V1NetworkPolicy", ("policy/v1", "PodDisruptionBudget"): "V1PodDisruptionBudget",
    ("autoscaling/v2", "HorizontalPodAutoscaler"): "V2HorizontalPodAutoscaler",
}
SIMPLE = {"string": {"type": "string"}, "number": {"type": "number"}, "boolean": {"type": "boolean"}, "any": {}, "object": {"type": "object"},
          "IntOrString": {"type": ["integer", "string"]}, "Date": {"type": "string"}, "V1MicroTime": {"type": "string"}}


def of_type(words, wanted):
    words = words.strip()
    if words.startswith("Array<"):
        return {"type": "array", "items": of_type(words[6:-1], wanted)}
    if match := re.fullmatch(r"\{\s*\[key: string\]: (.*?);?\s*\}", words, re.S):
        return {"type": "object", "additionalProperties": of_type(match[1], wanted)}
    if words in SIMPLE:
        return SIMPLE[words]
    wanted.append(words)
    return {"$ref": "#/definitions/" + words}


def definition(text, wanted):
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    fields = re.findall(r"^    '(\$?\w+)'(\??): (.*?);\n(?=\s*('|static|constructor))", text, re.M | re.S)
    # '_continue' and the like stand for words that JavaScript keeps for itself.
    names = [(name.lstrip("_"), optional, kind) for name, optional, kind, _ in fields]
    return {"type": "object", "additionalProperties": False, "properties": {name: of_type(kind, wanted) for name, _, kind in names},
            "required": sorted(name for name, optional, _ in names if not optional)}


def main():
    models = pathlib.Path(sys.argv[1], "dist/gen/models")
    wanted, definitions, release = list(KINDS.values()), {}, ""
    while wanted:
        name = wanted.pop()
        if name not in definitions:
            text = (models / (name + ".d.ts")).read_text()
            release = re.search(r"OpenAPI spec version: (\S+)", text)[1]
            definitions[name] = definition(text, wanted)
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "release": release,
              "kinds": {"%s %s" % key: name for key, name in sorted(KINDS.items())}, "definitions": dict(sorted(definitions.items()))}
    pathlib.Path(__file__).with_name("schema.json").write_text(json.dumps(schema, separators=(",", ":")).replace('"V1', '\n"V1').replace('"V2', '\n"V2') + "\n")
    print(release, len(definitions), "definitions")


main()
