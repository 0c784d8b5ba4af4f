// A command of WASI 0.3 without a libc: calls that wait suspend it. Its first argument says what it does; what fails is
// its exit code, 100 and the number of wasi:sockets/types' error code.

#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module(module "@0.3.0"), import_name(name)))
#define LOOPBACK(port) 0, port, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0

IMPORT("wasi:cli/exit", "exit-with-code") void exit_with_code(int code);
IMPORT("wasi:cli/environment", "get-arguments") void get_arguments(uint32_t *out);
IMPORT("wasi:clocks/monotonic-clock", "wait-for") void wait_for(uint64_t nanoseconds);
IMPORT("wasi:sockets/types", "[static]tcp-socket.create") void create(int family, uint8_t *out);
IMPORT("wasi:sockets/types", "[method]tcp-socket.connect")
void connect_to(int socket, int tag, int port, int a, int b, int c, int d, int e, int f, int g, int h, int i, int j,
                uint8_t *out);

static uint8_t heap[1 << 16] __attribute__((aligned(8)));
static uint32_t used;

// Nothing is ever given back.
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, int old_size, int align, int size) {
  used = (used + align - 1) / align * align;
  void *at = heap + used;
  used += size;
  if (used > sizeof heap) __builtin_trap();
  return at;
}

static uint8_t out[64] __attribute__((aligned(8)));

static int open_socket(void) {
  create(0, out);
  if (out[0] != 0) exit_with_code(100 + out[4]);
  return *(int *)(out + 4);
}

// The first argument's first letter says what it does, the second is a number.
__attribute__((export_name("wasi:cli/run@0.3.0#run"))) int run(void) {
  uint32_t list[2];
  get_arguments(list);
  const struct {
    const char *text;
    uint32_t length;
  } *args = (void *)list[0];
  int number = 0;
  for (uint32_t i = 0; list[1] > 2 && i < args[2].length; i++) number = 10 * number + args[2].text[i] - '0';
  switch (list[1] > 1 ? args[1].text[0] : 0) {
    case 'c': // connects
      connect_to(open_socket(), LOOPBACK(number), out);
      if (out[0] != 0) exit_with_code(100 + out[4]);
      return 0;
    case 'e': // exits
      exit_with_code(number);
      return 0;
    case 'f': // fails
      return 1;
    case 't': // traps
      __builtin_trap();
    case 'w': // connects, and waits for ever
      connect_to(open_socket(), LOOPBACK(number), out);
      for (;;) wait_for(1000000000);
    case 's': // connects, and works for ever
      connect_to(open_socket(), LOOPBACK(number), out);
      for (volatile int i = 0;; i++) {
      }
  }
  return 0;
}
