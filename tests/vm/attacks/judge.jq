# What each attack's test says: passed, failed or skipped, name, why. $old: the table as it is checked in, by name (empty at first);
# input: the new one. A cell that got worse fails, whatever column it stands in.
def stopped: startswith("stopped");
def openness: if stopped then 0 elif startswith("NOT STOPPED in") then 1 elif startswith("NOT STOPPED") then 2 else 3 end;

def worse($old):
  [ if $old.bare == "succeeded" and .bare != "succeeded" then "the proof is lost: \(.bare)" else empty end,
    (("node-default", "baseline", "restricted") as $column | select(.bare == "succeeded" and $old.bare == "succeeded" and (.[$column] | openness) > ($old[$column] | openness))
      | "under \($column) it was '\($old[$column])' and is '\(.[$column])'"),
    (($old.layers - .layers) as $gone | select(.bare == "succeeded" and ($gone | length > 0)) | "no longer stopped by \($gone | join(", ")) alone") ];

.[] | . as $new
| (if $old[.name] then worse($old[.name]) else [] end) as $worse
| if $worse != [] then "failed \(.name) worse than packaging/docs/attacks.md: \($worse | join("; "))"
  elif .bare != "succeeded" then "skipped \(.name) \(.bare)"
  elif any(."node-default", .baseline, .restricted; openness == 3) then "failed \(.name) was tried bare and not in every column: node-default \(."node-default"), baseline \(.baseline), restricted \(.restricted)"
  elif (.restricted | stopped) and .reason == "" then "passed \(.name)"
  elif .restricted | stopped then "failed \(.name) it is stopped, so its reason in tests/vm/attacks/reasons.tsv no longer holds: take it out"
  elif .reason != "" and (.restricted | startswith("NOT STOPPED")) then "skipped \(.name) \(.restricted): \(.reason)"
  else "failed \(.name) under restricted: \(.restricted). Mend the policy, or say in tests/vm/attacks/reasons.tsv why no spec can stop it"
  end
