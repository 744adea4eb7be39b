#!/bin/bash
# Renders the job templates for projects like those that they replace, with the real jenkins-jobs, and compares the jobs with those that are kept;
# parses the Jenkinsfiles with the real groovy. Prints `passed NAME` or `failed NAME` for each. With --keep, what was rendered is kept from now on.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly kept=tests/jenkins/jjb/expected
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A name in braces that stands in a job was no parameter: scripts have {arch} only.
unfilled() {
    grep --recursive --only-matching --no-filename --extended-regexp '\{[A-Za-z-]+\}' "$1" | grep --invert-match --line-regexp '{arch}'
}

render() {
    jenkins-jobs test --recursive "docs/jenkins/jjb:tests/jenkins/jjb/$1.yaml" -o "$work/$1" > "$work/$1.log" 2>&1
}

check() {
    render "$1" || { tail -n 5 "$work/$1.log"; return 1; }
    ! unfilled "$work/$1" || return 1
    if [ "$2" = --keep ]; then rm -rf "${kept:?}/$1"; mkdir -p "$kept"; cp -r "$work/$1" "$kept/$1"; fi
    diff --recursive "$kept/$1" "$work/$1"
}

failed=0
for project in tests/jenkins/jjb/*.yaml; do
    name=$(basename "$project" .yaml)
    if check "$name" "${1:-}"; then echo "passed jobs of $name"; else echo "failed jobs of $name"; failed=1; fi
done
for file in docs/jenkins/Jenkinsfile*; do
    name=$(basename "$file")
    if groovy -e "new GroovyShell().parse(new File('$file'))"; then echo "passed $name"; else echo "failed $name"; failed=1; fi
done
exit "$failed"
