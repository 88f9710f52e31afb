/* One function per attack. Each returns 0 when the attack succeeded, an errno when it was refused, or not_here() when
 * the thing it needs does not exist, so that nothing was tried. Each runs in a child process of its own and may leave it
 * in any state; none changes anything outside the container for longer than the attack takes, and what it made it removes. */
#ifndef ATTACKS_H
#define ATTACKS_H

enum { NOT_HERE = -1, REFUSED = -2 };

enum kind {
    INSIDE,      /* needs nothing but a process in the container */
    AS_USER,     /* for a process that joins as an ordinary user, asks for no_new_privs off and for ambient capabilities */
    BY_EXEC,     /* for a process that joins as root and asks for more than the container has */
    JOINING,     /* watches for the runtime while another process joins */
    BY_REQUEST   /* what the container itself was asked to be: the attack succeeds when it starts and this proves the access */
};

struct attack {
    const char *name;
    const char *description;
    const char *reference;
    int (*run)(void);
    enum kind kind;
};
extern const struct attack attacks[];
extern const int attack_count;

/* report.c: results that are no plain errno, and the questions that many attacks ask */
int not_here(const char *why);        /* remembers why, returns NOT_HERE */
int refused(const char *how);         /* for refusals that are no errno: remembers how, returns REFUSED */
int tell(const char *prefix, int result);
int door(long result);                /* 0 if the call got past the permission check, whatever it then thought of our nonsense */
int open_and_read(const char *path);  /* a masked file can be opened but is empty */
int write_back(const char *path);     /* proves write access to a file of the kernel by writing what it holds already */
extern const char *attack_name;       /* of the attack that runs */
const char *at_host(const char *path);/* below the folder at which a request for this attack mounts something */

/* namespaces.c */
void own_mounts(void);                /* a mount namespace of our own, by a new user namespace where nothing else works; failure is no answer yet */
int own_network(void);                /* the same for the network; 0 where it worked */
int attack_userns_unshare(void);
int attack_userns_clone(void);
int attack_userns_clone3(void);
int attack_setns(void);
int attack_chroot(void);

/* mounts.c */
int attack_mount_tmpfs(void);
int attack_new_mount_api(void);
int attack_overlay_mount(void);
int attack_bind_unmasked(void);
int attack_open_tree(void);
int attack_mount_setattr(void);
int attack_remount_writable(void);
int attack_unmount_mask(void);
int attack_fresh_proc(void);
int attack_pivot_root(void);
int attack_cgroup_limits(void);

/* files.c */
int attack_mknod(void);
int attack_chown(void);
int attack_write_root(void);
int attack_read_any_file(void);
int attack_handle(void);
int attack_fanotify(void);

/* kernel_files.c */
int attack_read_interrupts(void);
int attack_read_keys(void);
int attack_kernel_addresses(void);
int attack_kernel_memory(void);
int attack_core_pattern(void);
int attack_sysrq(void);
int attack_binfmt_misc(void);
int attack_uevent_helper(void);
int attack_energy_counter(void);

/* processes.c */
int attack_ptrace(void);
int attack_read_memory(void);
int attack_write_memory(void);
int attack_proc_mem(void);
int attack_pidfd_getfd(void);
int attack_kcmp(void);
int attack_process_madvise(void);

/* joining.c */
int attack_runtime_exe(void);
int attack_runtime_ptrace(void);

/* sockets.c */
int attack_low_port(void);
int attack_raw_socket(void);
int attack_packet_socket(void);
int attack_kernel_crypto(void);
int attack_vsock(void);
int attack_tipc(void);
int attack_iptables(void);

/* netlink.c */
int attack_nftables(void);
int attack_traffic_control(void);
int attack_xfrm(void);

/* doors.c: rarely used ways into the kernel */
int attack_add_key(void);
int attack_request_key(void);
int attack_keyctl(void);
int attack_bpf_map(void);
int attack_bpf_program(void);
int attack_perf(void);
int attack_userfaultfd(void);
int attack_io_uring(void);
int attack_kernel_log(void);
int attack_modify_ldt(void);
int attack_personality(void);
int attack_terminal_inject(void);

/* machine.c: the whole node */
int attack_kexec_load(void);
int attack_kexec_file_load(void);
int attack_init_module(void);
int attack_finit_module(void);
int attack_delete_module(void);
int attack_reboot(void);
int attack_set_clock(void);
int attack_io_ports(void);
int attack_swap(void);
int attack_accounting(void);
int attack_real_time(void);
int attack_raise_limits(void);

/* entries.c: other ways to enter a system call */
int attack_ia32_entry(void);
int attack_ia32_userns(void);
int attack_ia32_socketcall(void);
int attack_x32_entry(void);

/* privileges.c */
int attack_become_user(void);
int attack_setuid_binary(void);
int attack_ambient_inside(void);
int attack_exec_ambient(void);
int attack_exec_capabilities(void);
int attack_exec_apparmor(void);

/* requests.c */
int attack_run_as_root(void);
int attack_privileged(void);
int attack_host_pid(void);
int attack_host_network(void);
int attack_host_ipc(void);
int attack_release_agent(void);
int attack_host_root(void);
int attack_host_overlay(void);
int attack_host_log(void);
int attack_engine_socket(void);
int attack_other_proc(void);
int attack_second_sysfs(void);
int attack_host_disk(void);
int attack_host_device(void);
int attack_no_pivot(void);
int attack_leaked_cwd(void);
int attack_proc_symlink(void);
int attack_spec_sysctl(void);

#endif
