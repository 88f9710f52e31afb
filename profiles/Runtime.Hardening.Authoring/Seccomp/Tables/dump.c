/* Prints a table of every system call that libseccomp knows, one row a name, one column an architecture. The library is
 * opened by its path, so that it can be another one than this machine's. Resolving a name would give libseccomp's own
 * negative number for a multiplexed call (socket on i386), so each number is asked for its name instead. Those of x32
 * are printed without their bit 30. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define X32_BIT 0x40000000
#define ARM_PRIVATE 0xf0000

static const struct { const char *name; uint32_t token; } architectures[] = {
    /* the names are those of the OCI specification without their prefix; the tokens are libseccomp's SCMP_ARCH_* */
    {"X86_64", 0xc000003e}, {"X86", 0x40000003}, {"X32", 0x4000003e}, {"AARCH64", 0xc00000b7},
    {"ARM", 0x40000028}, {"RISCV64", 0xc00000f3}, {"S390X", 0x80000016}, {"PPC64LE", 0xc0000015},
};

/* Of these only the names are wanted: a rule for a call that an architecture does not have leaves traces in its filter. MIPS,
 * MIPS64, MIPS64N32, PARISC, PARISC64, PPC, S390, SH, M68K, LOONGARCH64 */
static const uint32_t others[] = {
    0x00000008, 0x80000008, 0xa0000008, 0x0000000f, 0x8000000f, 0x00000014, 0x00000016, 0x0000002a, 0x00000004, 0xc0000102,
};

enum { COUNT = sizeof architectures / sizeof *architectures, LIMIT = 1 << 14, PRIVATE = 16 };

struct row { char *name; long number[COUNT]; };
static struct row rows[4096];
static int used;

static struct row *row_of(const char *name)
{
    for (int i = 0; i < used; i++)
        if (!strcmp(rows[i].name, name))
            return &rows[i];
    if (used == sizeof rows / sizeof *rows) {
        fprintf(stderr, "dump: more than %d names\n", used);
        exit(1);
    }
    rows[used].name = strdup(name);
    for (int a = 0; a < COUNT; a++)
        rows[used].number[a] = -1;
    return &rows[used++];
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct row *)a)->name, ((const struct row *)b)->name);
}

int main(int argc, char **argv)
{
    void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
    if (!library) {
        fprintf(stderr, "usage: dump LIBSECCOMP.so%s%s\n", argc == 2 ? ": " : "", argc == 2 ? dlerror() : "");
        return 2;
    }
    char *(*name_of)(uint32_t, int);
    *(void **)&name_of = dlsym(library, "seccomp_syscall_resolve_num_arch");
    if (!name_of) {
        fprintf(stderr, "dump: %s\n", dlerror());
        return 1;
    }

    for (int a = 0; a < COUNT; a++) {
        long first[] = {0, 0}, end[] = {LIMIT, 0};
        if (!strcmp(architectures[a].name, "X32"))
            first[0] = X32_BIT, end[0] = X32_BIT + LIMIT;
        if (!strcmp(architectures[a].name, "ARM"))   /* cacheflush and its like */
            first[1] = ARM_PRIVATE, end[1] = ARM_PRIVATE + PRIVATE;
        for (int range = 0; range < 2; range++)
            for (long number = first[range]; number < end[range]; number++) {
                char *name = name_of(architectures[a].token, (int)number);
                if (name)
                    row_of(name)->number[a] = number;
                free(name);
            }
    }

    for (size_t a = 0; a < sizeof others / sizeof *others; a++)
        for (long number = 0; number < LIMIT; number++) {
            char *name = name_of(others[a], (int)number);
            if (name)
                row_of(name);
            free(name);
        }

    qsort(rows, used, sizeof *rows, by_name);
    for (int a = 0; a < COUNT; a++)
        printf("%s%s", a ? "," : "name,", architectures[a].name);
    putchar('\n');
    for (int i = 0; i < used; i++) {
        fputs(rows[i].name, stdout);
        for (int a = 0; a < COUNT; a++)
            if (rows[i].number[a] < 0)
                putchar(',');
            else
                printf(",%ld", rows[i].number[a] & ~(long)X32_BIT);
        putchar('\n');
    }
    return 0;
}
