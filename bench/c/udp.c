/* UDP between two sockets of one process. */

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "udp.h"
#include "work.h"

static int bound(struct sockaddr_in *name) {
  *name = (struct sockaddr_in){.sin_family = AF_INET};
  inet_pton(AF_INET, "127.0.0.1", &name->sin_addr);
  socklen_t length = sizeof *name;
  int fd = must("socket", socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP));
  must("bind", bind(fd, (struct sockaddr *)name, length));
  must("getsockname", getsockname(fd, (struct sockaddr *)name, &length));
  return fd;
}

int udp_pair(int *to) {
  struct sockaddr_in here, there;
  int from = bound(&here);
  *to = bound(&there);
  must("connect", connect(from, (struct sockaddr *)&there, sizeof there));
  must("connect", connect(*to, (struct sockaddr *)&here, sizeof here));
  return from;
}

/** Sends a datagram of size bytes from one socket and receives it from the other, amount times. */
int64_t datagrams(int port, int64_t amount, int size) {
  (void)port;
  int to, from = udp_pair(&to);
  char *buffer = message(size);
  int64_t moved = 0;
  for (int64_t round = 0; round < amount; round++) {
    must("send", send(from, buffer, size, MSG_NOSIGNAL));
    moved += must("recv", recv(to, buffer, size, 0));
  }
  free(buffer);
  close(from);
  close(to);
  return moved;
}
