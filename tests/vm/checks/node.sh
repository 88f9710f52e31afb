# The shortest way from nothing to a hardened container.
setup() { install_node; start_containerd; import_image; start_hardeningd; }

a-container-runs-hardened() {
  start_container c1
  contains "$(cat "/proc/$(container_pid c1)/status")" $'Seccomp:\t2'
  contains "$(in_container c1 probe status)" $'NoNewPrivs:\t1'
  contains "$(journal_line c1)" '"decision":"allow"'
  remove_container c1
}

checks a-container-runs-hardened
