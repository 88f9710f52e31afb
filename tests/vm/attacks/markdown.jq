# The table for people, and for the next run to compare with. Input: the rows.
def cell: gsub("\\|"; "\\|");
"| attack | reference | bare | node-default | baseline | restricted | each alone would do |", "|---|---|---|---|---|---|---|",
(.[] | "| `\(.name)`: \(.description | cell) | \(.reference | cell) | \(.bare | cell) | \(."node-default" | cell) | \(.baseline | cell) "
  + "| \(.restricted + (if .reason != "" and (.restricted | startswith("NOT STOPPED")) then ": " + .reason else "" end) | cell) "
  + "| \(if .layers != [] then .layers | join(", ") elif .restricted | startswith("stopped") then "none: only several together" else "" end) |")
