# Every attack of the probe, bare and hardened, by the container's first process, by processes that join, and by what is asked of the
# engine. This measures; tests/vm/after/attacks.sh makes the table of it, compares it with the last one and counts an attack as a test.
work=/run/attacks
check_seconds=300
for part in policies requests columns asking; do . "${BASH_SOURCE[0]%/*}/attacks/$part.sh"; done

setup() {
  mkdir -p "$work/results"
  for module in af_alg algif_hash vsock tipc nf_tables xfrm_user iptable_filter binfmt_misc sch_ingress; do modprobe "$module" || true; done
  place_node
  start_containerd
  import_image
  install -m 0755 "$(find /var/lib/containerd -path '*/bin/probe' | head -n 1)" "$work/probe"
  write_policies | policy attacks
  write_processes
  prepare_requests
}

# proven: the requests that succeeded bare; the others prove nothing elsewhere. Without results of the bare ones: all.
proven() {
  if [ -e "$work/results/bare" ]; then
    awk -F '\t' '$2 == "request" && $4 == "succeeded" { print $3 }' "$work/results/bare"
  else
    requests
  fi
}

bare-containers-are-attacked() { try_column bare; }
containers-under-node-default-are-attacked() { try_column node-default; }
containers-under-baseline-are-attacked() { try_column baseline; }
containers-under-restricted-are-attacked() { try_column restricted; }
bare-requests-are-made() { ask_all bare $(requests); }
requests-under-node-default-are-made() { ask_all node-default $(proven); }
requests-under-baseline-are-made() { ask_all baseline $(proven); }
requests-under-restricted-are-made() { ask_all restricted $(proven); }

# Each layer alone, so that the table names the layers that would be enough, not the one that happened to answer first.
every-layer-is-tried-alone() {
  local layer open
  open=$(awk -F '\t' '$2 == "request" && $5 !~ /^require/ { print $3 }' "$work/results/restricted")
  for layer in "${layers[@]}"; do
    while [ "$(jobs -pr | wc -l)" -ge 2 ]; do wait -n; done
    try_layer "only-${layer,,}" $open &
  done
  wait
}

the-results-are-complete() {
  "$work/probe" list > "$work/list.tsv"
  cat "$work"/results/* > "$work/attacks.tsv"
  artifact attacks.list.tsv "$work/list.tsv"
  artifact attacks.tsv "$work/attacks.tsv"
  missing=$(awk -F '\t' -v columns="${columns[*]}" '
    NR == FNR { seen[$1, $3] = 1; if ($1 == "bare" && $2 == "request") tried[$3] = $4; next }
    { n = split(columns, column, " "); for (i = 1; i <= n; i++) if (!((column[i], $1) in seen) && (i == 1 || tried[$1] != "refused")) print column[i] ": " $1 }' \
    "$work/attacks.tsv" "$work/list.tsv")
  is "$missing" "" "attacks without a result"
}

checks bare-containers-are-attacked containers-under-node-default-are-attacked containers-under-baseline-are-attacked \
  containers-under-restricted-are-attacked bare-requests-are-made requests-under-node-default-are-made requests-under-baseline-are-made \
  requests-under-restricted-are-made every-layer-is-tried-alone the-results-are-complete
