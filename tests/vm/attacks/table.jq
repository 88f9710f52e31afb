# From what the probe said in every container ($results) to one object an attack, in the order of `probe list` ($list).
# $reasons: why an attack is not stopped under `restricted`, by name.
def lines($text): $text | split("\n") | map(select(. != "") | split("\t"));

def results: lines($results) | map({policy: .[0], way: .[1], name: .[2], outcome: .[3], detail: .[4]});

# Where an attack was refused, by whom it says so; the same word once.
def details: map(.detail) | unique | join(", ");

def bare: if any(.outcome == "succeeded") then "succeeded" else "no proof here: " + details end;

# One way in is enough for an attacker, so every way must be shut.
def hardened:
  if length == 0 then "not measured"
  elif any(.outcome == "succeeded") then
    "NOT STOPPED" + (if all(.outcome == "succeeded") then "" else " in " + (map(select(.outcome == "succeeded") | .way) | unique | join(", ")) end)
  elif any(.outcome == "untried") then "not measured: " + details
  else "stopped (" + details + ")" end;

def layers($all):
  [$all[] | select(.policy | startswith("only-"))] | group_by(.policy)
  | map(select(all(.outcome == "refused")) | .[0].policy | ltrimstr("only-")
    | {nonewprivileges: "noNewPrivileges", rootfilesystem: "rootFilesystem"}[.] // .);

# What the hook refused names its rules itself; each of them would have been enough.
def refusing: map(select(.policy == "restricted" and .way == "request" and .outcome == "refused") | .detail | split(", ")[] | select(startswith("require."))) | unique;

(results | group_by(.name) | map({key: .[0].name, value: .}) | from_entries) as $by_name
| (lines($reasons) | map({key: .[0], value: .[1]}) | from_entries) as $why
| [lines($list)[] | . as [$name, $description, $reference, $kind] | ($by_name[$name] // []) as $all
  | ($all | map(select(.policy == "bare")) | bare) as $bare
  | {name: $name, description: $description, reference: $reference, kind: $kind, bare: $bare, reason: ($why[$name] // "")}
  + (["node-default", "baseline", "restricted"] | map(. as $policy
      | {key: ., value: (if $bare == "succeeded" then ($all | map(select(.policy == $policy)) | hardened) else "-" end)}) | from_entries)
  + {layers: (if $bare == "succeeded" then ($all | refusing + layers($all)) else [] end)}]
