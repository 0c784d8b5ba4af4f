/* bcryptprimitives.dll, which Wine has only since version 9: rolldown asks it for random numbers. */

#include <windows.h>

/* RtlGenRandom of advapi32.dll, by the name that it is exported under. */
BOOLEAN WINAPI SystemFunction036(PVOID buffer, ULONG length);

/**
 * Fills a buffer with random bytes.
 *
 * @param buffer where
 * @param length how many bytes
 * @return whether it did
 */
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length) {
  return SystemFunction036(buffer, (ULONG)length);
}
