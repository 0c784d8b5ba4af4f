// A guest as a native program: reads calls, a line each, and writes what they give, a line each.
//
//     NAME ARGUMENT…     an export and its arguments: numbers, or =HEX for an AssemblyScript string in UTF-16
//     number 5           the answer, and where it may be an AssemblyScript string
//     text 680069        that too, in the same way
//
// With "text" before the name the answer is a string. Whatever the guest prints goes to standard error.

#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "host.h"
#include "guest-glue.h"

static wasm_rt_memory_t *memory;

/** Writes a string of AssemblyScript's: UTF-16, its length in bytes in the word before it. */
static void print_hex(FILE *to, u32 at) {
  u32 length;
  memcpy(&length, memory->data + at - 4, 4);
  for (u32 i = 0; i < length; i++) fprintf(to, "%02x", memory->data[at + i]);
}

/** Makes one of hexadecimal digits. */
static u32 string_of(const char *hex) {
  u32 length = strlen(hex) / 2, at = guest_new(length, 2);
  for (u32 i = 0; i < length; i++) {
    unsigned byte;
    sscanf(hex + 2 * i, "%2x", &byte);
    memory->data[at + i] = byte;
  }
  return at;
}

// What AssemblyScript's own runtime imports.

static void say(const char *kind, u32 at) {
  fprintf(stderr, "%s ", kind);
  if (at != 0) print_hex(stderr, at);
  fprintf(stderr, "\n");
}

void env_abort(u32 message, u32 file, u32 line, u32 column) {
  say("abort", message);
  exit(1);
}
void env_console_log(u32 text) { say("log", text); }
f64 env_seed(void) { return random(); }
f64 env_performance_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}
f64 env_Date_now(void) { return time(0) * 1e3; }

/** Interrupts the call that waits: EINTR. */
static void interrupt(int signal) {}

int main(int argc, char **argv) {
  char line[4096];
  setvbuf(stdout, 0, _IOLBF, 0);
  sigaction(SIGINT, &(struct sigaction){.sa_handler = interrupt}, 0);
  memory = guest_begin();
  host_begin(memory, argc > 1 && !strcmp(argv[1], "--allow-all"));
  while (fgets(line, sizeof line, stdin)) {
    u32 arguments[8], count = 0;
    char *name = strtok(line, " \n");
    int text = !strcmp(name, "text");
    if (text) name = strtok(0, " \n");
    for (char *one; (one = strtok(0, " \n")) && count < 8;) {
      arguments[count++] = *one == '=' ? string_of(one + 1) : (u32)atoll(one);
    }
    u32 answer = guest_call(name, arguments);
    if (text) print_hex(stdout, answer);
    else printf("%d", (int)answer);
    printf("\n");
  }
  return 0;
}
