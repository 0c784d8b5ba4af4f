/* A client of WasmEdge's sockets, version 2: it looks up argv[1], sends a datagram to port argv[2] there, and says
 * what came back and from which port. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMPORT(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(name)))

struct address { void *buf; uint32_t buf_len; };
struct vector { void *buf; uint32_t buf_len; };
struct sockaddr_t { uint8_t family; uint32_t sa_data_len; uint8_t *sa_data; };
struct addrinfo_t {
  uint16_t flags;
  uint8_t family, socktype;
  uint32_t protocol, addrlen;
  struct sockaddr_t *addr;
  char *canonname;
  uint32_t canonname_len;
  struct addrinfo_t *next;
};

IMPORT("sock_open") int32_t sock_open(int32_t family, int32_t type, uint32_t *fd);
IMPORT("sock_getaddrinfo")
int32_t sock_getaddrinfo(const char *node, uint32_t node_len, const char *service, uint32_t service_len,
                         const struct addrinfo_t *hints, struct addrinfo_t **list, uint32_t most, uint32_t *count);
IMPORT("sock_send_to")
int32_t sock_send_to(int32_t fd, const struct vector *, uint32_t count, const struct address *, int32_t port,
                     int32_t flags, uint32_t *sent);
IMPORT("sock_recv_from")
int32_t sock_recv_from(int32_t fd, const struct vector *, uint32_t count, struct address *, int32_t flags,
                       uint32_t *port, uint32_t *size, uint16_t *out);

static void must(const char *what, int32_t error) {
  if (error == 0) return;
  printf("%s: %d\n", what, error);
  exit(1);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  uint8_t data[26] = {0};
  struct sockaddr_t address = {.sa_data_len = sizeof data, .sa_data = data};
  struct addrinfo_t entry = {.addr = &address}, hints = {.family = 1, .socktype = 1, .protocol = 2};
  struct addrinfo_t *list = &entry;
  uint32_t found = 0;
  must("getaddrinfo", sock_getaddrinfo(argv[1], strlen(argv[1]), argv[2], strlen(argv[2]), &hints, &list, 1, &found));
  if (found != 1 || address.sa_data_len != 14) return 3;
  printf("%d.%d.%d.%d port %d\n", data[2], data[3], data[4], data[5], data[0] << 8 | data[1]);

  uint32_t fd, sent, received, port;
  uint16_t flags;
  uint8_t storage[128] = {1, 0, data[2], data[3], data[4], data[5]};
  struct address place = {storage, sizeof storage};
  char buffer[64] = "a question of WASI";
  struct vector vector = {buffer, strlen(buffer)};
  must("open", sock_open(1, 1, &fd));
  must("send", sock_send_to(fd, &vector, 1, &place, atoi(argv[2]), 0, &sent));
  memset(buffer, 0, sizeof buffer);
  memset(storage, 0, sizeof storage);
  vector.buf_len = sizeof buffer;
  must("receive", sock_recv_from(fd, &vector, 1, &place, 0, &port, &received, &flags));
  printf("%s, %u bytes of %d.%d.%d.%d port %u\n", buffer, received, storage[2], storage[3], storage[4], storage[5], port);
  return 0;
}
