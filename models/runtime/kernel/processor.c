/* The variant (build.py) for this processor, returned by the baseline's library, which runs everywhere. */
#include <string.h>

#include "kernel.h"

int32_t scaleglove_runs(const char *variant)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!strcmp(variant, "avx512"))
        return __builtin_cpu_supports("fma") && __builtin_cpu_supports("avx512f") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw");
    if (!strcmp(variant, "avx2"))
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return !strcmp(variant, "baseline");
}
