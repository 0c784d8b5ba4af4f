/* TCP against the peer of peer.c, in blocking calls. */

#include <arpa/inet.h>
#include <endian.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "work.h"

static int dial(int port) {
  struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, "127.0.0.1", &peer.sin_addr);
  int fd = must("socket", socket(AF_INET, SOCK_STREAM, IPPROTO_TCP));
  must("connect", connect(fd, (struct sockaddr *)&peer, sizeof peer));
  return fd;
}

/** Sends size bytes and waits for their echo, amount times. */
int64_t pingpong(int port, int64_t amount, int size) {
  int fd = dial(port), on = 1;
  must("setsockopt", setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  char *buffer = message(size);
  int64_t moved = 0;
  for (int64_t round = 0; round < amount; round++) {
    must("send", send(fd, buffer, size, MSG_NOSIGNAL));
    for (int got = 0; got < size;) {
      int64_t count = must("recv", recv(fd, buffer + got, size - got, 0));
      if (count == 0) return moved;
      got += count;
      moved += count;
    }
  }
  free(buffer);
  close(fd);
  return moved;
}

/** Sends amount bytes, size at a time, until the peer has said how many arrived. */
int64_t send_all(int port, int64_t amount, int size) {
  int fd = dial(port);
  char *buffer = message(size);
  for (int64_t left = amount; left > 0;)
    left -= must("send", send(fd, buffer, left < size ? left : size, MSG_NOSIGNAL));
  must("shutdown", shutdown(fd, SHUT_WR));
  uint64_t arrived = 0;
  must("recv", recv(fd, &arrived, sizeof arrived, MSG_WAITALL));
  free(buffer);
  close(fd);
  return le64toh(arrived);
}

/** Asks the peer for amount bytes and receives at most size at a time. */
int64_t receive_all(int port, int64_t amount, int size) {
  int fd = dial(port);
  char *buffer = message(size);
  uint64_t wanted = htole64(amount);
  must("send", send(fd, &wanted, sizeof wanted, MSG_NOSIGNAL));
  int64_t moved = 0, count;
  while ((count = must("recv", recv(fd, buffer, size, 0))) > 0) moved += count;
  free(buffer);
  close(fd);
  return moved;
}
