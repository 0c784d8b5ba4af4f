/* What is done on a stream that is connected, TCP or Unix, in blocking calls. */

#include <endian.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "stream.h"
#include "work.h"

int64_t exchange(int fd, int64_t amount, int size) {
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

int64_t pour(int fd, int64_t amount, int size) {
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

int64_t drink(int fd, int64_t amount, int size) {
  char *buffer = message(size);
  uint64_t wanted = htole64(amount);
  must("send", send(fd, &wanted, sizeof wanted, MSG_NOSIGNAL));
  int64_t moved = 0, count;
  while ((count = must("recv", recv(fd, buffer, size, 0))) > 0) moved += count;
  free(buffer);
  close(fd);
  return moved;
}
