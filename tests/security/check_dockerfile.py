#!/usr/bin/env python3
"""Rules for Dockerfiles: prints one line a finding, "dockerfile RULE FILE:LINE what", and exits with 1 where there is one.

  check_dockerfile.py FILE…
"""
import re
import sys


def instructions(text):
    """(line, word, rest) with continued lines joined; comments within them are left out."""
    begun, parts = 0, []
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or (not line.strip() and not parts):
            continue
        begun = begun or number
        parts.append(line.rstrip().removesuffix("\\"))
        if not line.rstrip().endswith("\\"):
            word, _, rest = " ".join(parts).strip().partition(" ")
            yield begun, word.upper(), rest.strip()
            begun, parts = 0, []


def findings(text):
    stages, user, is_checked, base_line = set(), "", False, 1
    for line, word, rest in instructions(text):
        if word == "FROM":
            base, _, name = re.sub(r"--platform=\S+\s+", "", rest).partition(" ")
            user = "" if base not in stages else user
            base_line = line
            if base not in stages and base != "scratch" and (":" not in base and "@" not in base or base.endswith(":latest")):
                yield line, "base-without-tag", "'%s' is another image tomorrow" % base
            if name.upper().startswith("AS "):
                stages.add(name[3:].strip())
        elif word == "USER":
            user = rest
        elif word == "HEALTHCHECK":
            is_checked = rest.upper() != "NONE"
        elif word == "ADD" and re.search(r"https?://", rest):
            yield line, "add-from-network", "nothing says what is fetched"
        elif word in ("ENV", "ARG") and re.search(r"(?i)\b\w*(password|secret|token|api_?key)\w*\s*[= ]\s*[^\s$]", rest) and not re.search(r"(?i)_FILE\s*=", rest):
            yield line, "secret-in-layer", "whoever has the image can read it"
        elif word == "RUN":
            if re.search(r"\b(curl|wget)\b[^;&]*\|\s*(ba|z)?sh\b", rest):
                yield line, "pipe-to-shell", "nothing says what is run"
            if re.search(r"\bapt-get\b[^;&]*\binstall\b", rest):
                if "--no-install-recommends" not in rest:
                    yield line, "recommended-packages", "apt-get install without --no-install-recommends"
                if not re.search(r"rm -rf [^;&]*/var/lib/apt/lists", rest):
                    yield line, "lists-left-in-layer", "the lists of packages stay in the layer"
            if re.search(r"\bsudo\b", rest):
                yield line, "sudo", "RUN is root's already"
            if re.search(r"chmod\s+(-R\s+)?(a\+w|0?777)\b", rest):
                yield line, "writable-by-all", "chmod for everybody"
    if user.split(":")[0] in ("", "0", "root"):
        yield base_line, "root", "the last stage runs as root"
    if not is_checked:
        yield base_line, "no-healthcheck", "no HEALTHCHECK"


def main():
    failed = False
    for name in sys.argv[1:]:
        with open(name, encoding="utf-8") as file:
            for line, rule, what in findings(file.read()):
                print("dockerfile %s %s:%d %s" % (rule, name, line, what))
                failed = True
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
