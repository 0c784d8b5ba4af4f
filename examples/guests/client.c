/* A client of WasmEdge's sockets, which WASI preview 1 has none of: it says hello, and prints what comes back. */

#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define IMPORT(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(name)))

struct address {
  const void *bytes;
  uint32_t size;
};

IMPORT("sock_open") int32_t sock_open(int32_t family, int32_t type, int32_t *fd);
IMPORT("sock_connect") int32_t sock_connect(int32_t fd, const struct address *address, int32_t port);

enum { INET4 = 1, STREAM = 2 };

int main(void) {
  const uint8_t loopback[4] = {127, 0, 0, 1};
  const struct address address = {loopback, sizeof loopback};
  char buffer[64];
  int32_t fd, error;
  if ((error = sock_open(INET4, STREAM, &fd)) || (error = sock_connect(fd, &address, 7000))) {
    printf("error %d\n", error);
    return 1;
  }
  send(fd, "hello", 5, 0); // from here on it is a descriptor like others
  printf("%.*s\n", (int)recv(fd, buffer, sizeof buffer, 0), buffer);
  return close(fd);
}
