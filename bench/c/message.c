/* UDP between two sockets of one process, many datagrams a call. */

#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "udp.h"
#include "work.h"

/** Datagrams a call; and room for as many as the kernel joins. */
enum { BATCH = 32, ROOM = 65535 };

/** Sends amount datagrams of size bytes by sendmmsg(2), 32 a call, and receives each batch by recvmmsg(2). */
int64_t batches(int port, int64_t amount, int size) {
  (void)port;
  int to, from = udp_pair(&to);
  struct mmsghdr out[BATCH] = {0}, back[BATCH] = {0};
  struct iovec sent_from[BATCH], received_into[BATCH];
  for (int i = 0; i < BATCH; i++) {
    sent_from[i] = (struct iovec){message(size), size};
    received_into[i] = (struct iovec){message(size), size};
    out[i].msg_hdr = (struct msghdr){.msg_iov = &sent_from[i], .msg_iovlen = 1};
    back[i].msg_hdr = (struct msghdr){.msg_iov = &received_into[i], .msg_iovlen = 1};
  }
  int64_t moved = 0;
  for (int64_t left = amount; left > 0; left -= BATCH) {
    int sent = must("sendmmsg", sendmmsg(from, out, left < BATCH ? left : BATCH, 0));
    for (int got = 0; got < sent;) {
      int count = must("recvmmsg", recvmmsg(to, back, sent - got, MSG_WAITFORONE, NULL));
      for (int i = 0; i < count; i++) moved += back[i].msg_len;
      got += count;
    }
  }
  for (int i = 0; i < BATCH; i++) free(sent_from[i].iov_base), free(received_into[i].iov_base);
  close(from);
  close(to);
  return moved;
}

/** The same by one sendmsg(2) with UDP_SEGMENT and recvmsg(2) with UDP_GRO, udp(7). */
int64_t segments(int port, int64_t amount, int size) {
  (void)port;
  int to, from = udp_pair(&to), on = 1;
  must("setsockopt", setsockopt(to, SOL_UDP, UDP_GRO, &on, sizeof on));
  char out_control[CMSG_SPACE(sizeof(uint16_t))] = {0}, back_control[CMSG_SPACE(sizeof(int))];
  struct iovec sent_from = {message(BATCH * size), BATCH * size}, received_into = {message(ROOM), ROOM};
  struct msghdr out = {.msg_iov = &sent_from, .msg_iovlen = 1};
  out.msg_control = out_control;
  out.msg_controllen = sizeof out_control;
  struct cmsghdr *header = CMSG_FIRSTHDR(&out);
  *header = (struct cmsghdr){CMSG_LEN(sizeof(uint16_t)), SOL_UDP, UDP_SEGMENT};
  memcpy(CMSG_DATA(header), &(uint16_t){size}, sizeof(uint16_t));
  int64_t moved = 0;
  for (int64_t left = amount * size; left > 0; left -= BATCH * size) {
    int64_t sent = must("sendmsg", sendmsg(from, &out, 0)), got = 0;
    while (got < sent) {
      struct msghdr back = {.msg_iov = &received_into, .msg_iovlen = 1};
      back.msg_control = back_control;
      back.msg_controllen = sizeof back_control;
      got += must("recvmsg", recvmsg(to, &back, 0));
    }
    moved += got;
  }
  free(sent_from.iov_base);
  free(received_into.iov_base);
  close(from);
  close(to);
  return moved;
}
