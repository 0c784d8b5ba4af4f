/* TCP against the peer of ../peer.c, as a guest: the works of ../tcp.c, through the ABI whose header is named ABI. */

#include <stdint.h>
#include ABI

/** Bytes of the largest buffer. */
#define ROOM (1 << 20)

static char buffer[ROOM];

/** Written bytes: those that were not would all be sent from the kernel's one zero page. */
static void fill(int32_t size) {
  for (int32_t i = 0; i < size; i++) buffer[i] = 'x';
}

/** Sends size bytes and waits for their echo, amount times. */
__attribute__((export_name("pingpong"))) double pingpong(int32_t port, double amount, int32_t size) {
  int fd = dial(port);
  no_delay(fd);
  fill(size);
  double moved = 0;
  for (double round = 0; round < amount; round++) {
    transmit(fd, buffer, size);
    for (int32_t got = 0; got < size;) {
      int32_t count = receive_some(fd, buffer + got, size - got);
      if (count == 0) return moved;
      got += count;
      moved += count;
    }
  }
  hang_up(fd);
  return moved;
}

/** Sends amount bytes, size at a time, until the peer has said how many arrived. */
__attribute__((export_name("send"))) double send_all(int32_t port, double amount, int32_t size) {
  int fd = dial(port);
  fill(size);
  for (double left = amount; left > 0;) left -= transmit(fd, buffer, left < size ? (int32_t)left : size);
  end_sending(fd);
  uint64_t arrived = 0;
  for (uint32_t got = 0; got < sizeof arrived;) {
    int32_t count = receive_some(fd, (char *)&arrived + got, sizeof arrived - got);
    if (count == 0) break;
    got += count;
  }
  hang_up(fd);
  return (double)arrived;
}

/** Asks the peer for amount bytes and receives at most size at a time. */
__attribute__((export_name("receive"))) double receive_all(int32_t port, double amount, int32_t size) {
  int fd = dial(port);
  uint64_t wanted = (uint64_t)amount;
  transmit(fd, (char *)&wanted, sizeof wanted);
  fill(size);
  double moved = 0;
  for (int32_t count; (count = receive_some(fd, buffer, size)) > 0;) moved += count;
  hang_up(fd);
  return moved;
}
