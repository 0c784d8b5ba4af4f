/* Times the second of two runs of one work: main NAME PORT AMOUNT SIZE prints "SECONDS MOVED". */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "work.h"

static const struct {
  const char *name;
  work *run;
} works[] = {
    {"pingpong", pingpong},
    {"send", send_all},
    {"receive", receive_all},
    {"unixPingpong", unix_pingpong},
    {"unixSend", unix_send},
    {"unixReceive", unix_receive},
    {"datagrams", datagrams},
    {"batches", batches},
    {"segments", segments},
    {"connects", connects},
    {"accepts", accepts},
    {"lookups", lookups},
    {"addresses", addresses},
    {"flags", flags},
    {"answers", answers},
    {"controls", controls},
};

char *message(int size) {
  char *buffer = malloc(size);
  if (buffer == NULL) exit(1);
  return memset(buffer, 'x', size);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  for (size_t i = 0; argc == 5 && i < sizeof works / sizeof *works; i++) {
    if (strcmp(works[i].name, argv[1]) != 0) continue;
    int port = atoi(argv[2]), size = atoi(argv[4]);
    int64_t amount = atoll(argv[3]);
    works[i].run(port, amount, size);
    double start = now();
    int64_t moved = works[i].run(port, amount, size);
    printf("%.9f %" PRId64 "\n", now() - start, moved);
    return 0;
  }
  fprintf(stderr, "usage: main WORK PORT AMOUNT SIZE\n");
  return 2;
}
