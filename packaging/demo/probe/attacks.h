/* One function per attack. Each returns 0 when the attack succeeded, an errno when it was refused, or not_here() when
 * the thing it needs does not exist, so that nothing was tried. Each runs in a child process of its own and may leave it
 * in any state; none changes anything outside the container, and what it made inside it removes. */
#ifndef ATTACKS_H
#define ATTACKS_H

enum { NOT_HERE = -1, REFUSED = -2 };

int not_here(const char *why);   /* remembers why, returns NOT_HERE */
int refused(const char *how);    /* for refusals that are no errno: remembers how, returns REFUSED */
int open_and_read(const char *path);

/* attacks_isolation.c: out of the container's namespaces, file system and capabilities */
int attack_mount_tmpfs(void);
int attack_new_mount_api(void);
int attack_userns_unshare(void);
int attack_userns_clone(void);
int attack_userns_clone3(void);
int attack_setns(void);
int attack_chroot(void);
int attack_mknod(void);
int attack_chown(void);
int attack_write_root(void);
int attack_read_interrupts(void);
int attack_read_keys(void);
int attack_proc_sys(void);
int attack_sysrq(void);
int attack_handle(void);
int attack_setuid_binary(void);
int attack_exec_capabilities(void);

/* attacks_kernel.c: into the kernel's rarely used doors, and into other processes */
int attack_keyring(void);
int attack_ptrace(void);
int attack_read_memory(void);
int attack_low_port(void);
int attack_raw_socket(void);
int attack_packet_socket(void);
int attack_kernel_crypto(void);
int attack_bpf(void);
int attack_perf(void);
int attack_userfaultfd(void);
int attack_io_uring(void);
int attack_kernel_log(void);

#endif
