#include <stdio.h>
#include <stdlib.h>
#include "work.h"

int64_t must(const char *call, int64_t result) {
  if (result >= 0) return result;
  perror(call);
  exit(1);
}
