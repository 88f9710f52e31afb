# Sourced by attacks.sh: a policy a column and a policy a layer; an annotation of the container says which one it gets, so that all of
# them are in force at once and every container is asked for in the same way.
columns=(bare node-default baseline restricted)
layers=(seccomp capabilities apparmor noNewPrivileges paths rootFilesystem)

# policy_document NAME FURTHER-MATCH SPEC: one document.
policy_document() {
  printf -- '---\napiVersion: hardening/v1\nkind: Policy\nmetadata: { name: attacks-%s }\nspec:\n  match:\n    - annotations: { attacks.policy: "%s" }\n%s%s\n' \
    "$1" "$1" "$2" "$3"
}

layer_spec() {
  case $1 in
    seccomp) echo '  seccomp: { profile: restricted }' ;;
    capabilities) echo '  capabilities: { keep: [NET_BIND_SERVICE] }' ;;
    apparmor) echo '  apparmor: { profile: hardened-restricted, otherwise: refuse }' ;;
    noNewPrivileges) echo '  noNewPrivileges: true' ;;
    rootFilesystem) echo '  rootFilesystem: readOnly' ;;
    # What `restricted` inherits: read from the shipped file, so that the two cannot drift apart.
    paths) sed -n '/^  paths:/,/^  require:/p' "$release/profiles/policies/baseline.yaml" | sed '$d' ;;
  esac
}

# The containers of the table run as root, which is the harder case; `restricted` as shipped refuses that. So the column has its user rule
# report, and one row (run-as-root) meets the policy as it is shipped.
write_policies() {
  local layer
  policy_document node-default '      privileged: false
      containers: workload
' '  extends: [node-default]'
  policy_document baseline '' '  extends: [baseline]'
  policy_document restricted '' '  extends: [restricted]
  require: { user: { nonRoot: true, otherwise: report } }'
  policy_document as-shipped '' '  extends: [restricted]'
  for layer in "${layers[@]}"; do policy_document "only-${layer,,}" '' "$(layer_spec "$layer")"; done
}
