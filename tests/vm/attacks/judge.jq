# What each attack's test says: passed, failed or skipped, name, why. $old: the table as it is checked in, by name (empty at first);
# input: the new one. A cell that got worse fails, whatever column it stands in.
def stopped: startswith("stopped");

def worse($old):
  [ if $old.bare == "succeeded" and .bare != "succeeded" then "the proof is lost: \(.bare)" else empty end,
    (("node-default", "baseline", "restricted") as $column | select(.bare == "succeeded" and ($old[$column] | stopped) and (.[$column] | stopped | not))
      | "under \($column) it was '\($old[$column])' and is '\(.[$column])'"),
    (($old.layers - .layers) as $gone | select(.bare == "succeeded" and ($gone | length > 0)) | "no longer stopped by \($gone | join(", ")) alone") ];

.[] | . as $new
| (if $old[.name] then worse($old[.name]) else [] end) as $worse
| if $worse != [] then "failed \(.name) worse than packaging/docs/attacks.md: \($worse | join("; "))"
  elif .bare != "succeeded" then "skipped \(.name) \(.bare)"
  elif (.restricted | stopped) and .reason == "" then "passed \(.name)"
  elif .restricted | stopped then "failed \(.name) it is stopped, so its reason in tests/vm/attacks/reasons.tsv no longer holds: take it out"
  elif .reason != "" and (.restricted | startswith("NOT STOPPED")) then "skipped \(.name) \(.restricted): \(.reason)"
  else "failed \(.name) under restricted: \(.restricted). Mend the policy, or say in tests/vm/attacks/reasons.tsv why no spec can stop it"
  end
