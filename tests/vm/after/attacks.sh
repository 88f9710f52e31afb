#!/bin/bash
# usage: attacks.sh FILES REPOSITORY
# Runs after the boot. Makes the attack table of what the guest sent (FILES), compares it with packaging/docs/attacks.md, and prints a line an
# attack: passed|failed|skipped, name, message. Nothing worse than before: the table is written anew. Otherwise it stays as it is, and
# the one that was measured lies in FILES.
set -euo pipefail

files=${1:?usage: attacks.sh FILES REPOSITORY}
repository=${2:?usage: attacks.sh FILES REPOSITORY}
tools=$repository/tests/vm/attacks
document=$repository/packaging/docs/attacks.md

# Only some checks were selected, or the boot ended early and its last check, the-results-are-complete, has failed for that: nothing to judge.
if [ ! -s "$files/attacks.list.tsv" ] || [ ! -s "$files/attacks.tsv" ]; then
  exit 0
fi

# old_table: the checked-in table as an object by name.
old_table() {
  { cat "$document" 2>/dev/null || true; } | jq -Rn '[inputs | select(startswith("| `")) | ltrimstr("| ") | rtrimstr(" |") | split(" | ")
    | {key: (.[0] | capture("^`(?<name>[^`]+)`").name), value: {bare: .[2], "node-default": .[3], baseline: .[4], restricted: .[5],
       layers: ((.[6] // "") | if startswith("none") then [] else split(", ") end)}}] | from_entries'
}

# The version of an AppArmor profile is of no matter here: a changed text is no other result.
sed -E 's/(hardened-[a-z0-9-]+)-[0-9a-f]{8} \(/\1 (/' "$files/attacks.tsv" > "$files/attacks.unversioned.tsv"
jq -n --rawfile list "$files/attacks.list.tsv" --rawfile results "$files/attacks.unversioned.tsv" --rawfile reasons "$tools/reasons.tsv" \
  -f "$tools/table.jq" > "$files/attacks.json"
old_table > "$files/attacks.old.json"
jq -r --slurpfile tables "$files/attacks.old.json" '$tables[0] as $old | '"$(cat "$tools/judge.jq")" "$files/attacks.json" > "$files/attacks.verdicts"
jq -rn --slurpfile old "$files/attacks.old.json" --slurpfile new "$files/attacks.json" \
  '($old[0] | keys) - ($new[0] | map(.name)) | .[] | "failed \(.) it stands in packaging/docs/attacks.md and no longer in the probe; if it was meant to go, take its row out"' \
  >> "$files/attacks.verdicts"
{ cat "$tools/head.md"; jq -r -f "$tools/markdown.jq" "$files/attacks.json"; } > "$files/attacks.md"

if ! grep -q '^failed' "$files/attacks.verdicts" && ! cmp -s "$files/attacks.md" "$document"; then
  cp "$files/attacks.md" "$document"
  echo "packaging/docs/attacks.md was written anew: look at the difference and commit it" >&2
fi
cat "$files/attacks.verdicts"
