// What a program that holds a guest gives the host: the guest's memory, once.

#include <stdint.h>
#include "wasm-rt.h"

typedef uint32_t u32;
typedef uint64_t u64;
typedef double f64;

/** Says which memory the guest has, and whether a policy lets it do everything (1) or nothing (0). */
void host_begin(wasm_rt_memory_t *memory, int allowed);
