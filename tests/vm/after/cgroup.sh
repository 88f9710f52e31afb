#!/bin/bash
# usage: cgroup.sh FILES REPOSITORY
# Compares what hardeningd sent of containers under load with what the kernel's files said before and after: one line a metric of its
# own table (hardeningd metrics), so a metric that is added there is compared here without another word.
#   passed|failed|skipped NAME MESSAGE
set -euo pipefail

files=${1:?usage: cgroup.sh FILES REPOSITORY}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for name in metrics.json snapshots.gz.b64 sent.gz.b64 frozen; do
  [ -s "$files/$name" ] || { echo "the guest sent no $name: its setup did not get that far, so no metric was compared." >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in snapshots sent; do base64 -d "$files/$name.gz.b64" | gzip -dc > "$work/$name"; done

# Tab-separated: name, attributes, unit, kind, type, and the parts of the value as FILE,FORMAT,KEY,FACTOR;...
jq -r 'def attributes: [to_entries[] | "\(.key)=\(.value)"] | sort | join(",");
  .[] | select(.resource == "container")
  | [.name, (.attributes | attributes), .unit, .kind, .type, ([.from[] | "\(.file),\(.format),\(.key),\(.factor)"] | join(";"))] | @tsv' \
  "$files/metrics.json" > "$work/table"
# Tab-separated: container, name, attributes, unit, kind, type, time, value.
jq -r 'def attributes: [.[]? | "\(.key)=\(.value.stringValue)"] | sort | join(",");
  def seconds: "\(.[:-9]).\(.[-9:])";
  .resourceMetrics[] | ([.resource.attributes[] | select(.key == "container.id") | .value.stringValue][0]) as $container | select($container)
  | .scopeMetrics[].metrics[] | . as $metric
  | (if .gauge then "gauge" elif .sum.isMonotonic then "counter" else "upDownCounter" end) as $kind
  | (.sum // .gauge).dataPoints[] | select(.flags != 1)
  | [$container, $metric.name, (.attributes | attributes), $metric.unit, $kind, (if .asInt then "int" else "double" end), (.timeUnixNano | seconds),
     (.asInt // (.asDouble | tostring))] | @tsv' "$work/sent" > "$work/points"
awk -F '\t' -v frozen="$(cat "$files/frozen")" -f "$here/cgroup.awk" "$work/table" "$work/snapshots" "$work/points"
