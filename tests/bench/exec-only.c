// The floor of every wrapper: a static program that does nothing but become the runtime.
#include <unistd.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    (void)argc;
    execv(getenv("BENCH_RUNTIME"), argv);
    return 127;
}
