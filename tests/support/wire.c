// A wire between two Ethernet interfaces that loses, doubles and reorders what passes. It is ours because netem,
// which does the same, is not in every kernel, and does not tell which packets it touched.
//
//   wire DEVICE
//     makes an interface's frames whole: the kernel itself computes checksums and cuts segments
//   wire LEFT RIGHT PROTOCOL SEED LOSS DOUBLE HOLD MILLISECONDS LIMIT
//     copies frames both ways. Of the IPv4 packets of a protocol it drops, doubles and holds back so many in a
//     hundred, the last for some milliseconds; all other frames pass. After LIMIT such packets, or with SIGTERM
//     where LIMIT is 0, it sends what it holds and prints its counts as JSON.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

enum { FRAME_MAX = 1514, HELD_MAX = 256 };

static const long long MILLISECOND = 1000000;

struct held { long long until; int number, length; unsigned char frame[FRAME_MAX]; };

// One direction: packets of the protocol that came, the latest that was sent on, and those held, a ring.
struct direction { int in, out, came, latest, first, count; struct held held[HELD_MAX]; };

static struct direction directions[2];
static int loss, twice, hold, dropped, doubled, reordered;
static long long delay;
static volatile sig_atomic_t ended;
static unsigned state;

static void fail(const char *what) { perror(what); exit(1); }
static void end(int signal) { ended = 1; }

// xorshift32: a number below 100.
static int percent(void) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state % 100;
}

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void make_whole(const char *device) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  // Without checksums the kernel gives up segmentation offload as well, which needs them.
  struct ethtool_value off = {ETHTOOL_STXCSUM, 0};
  struct ifreq request = {.ifr_data = (void *)&off};
  strncpy(request.ifr_name, device, IFNAMSIZ - 1);
  if (ioctl(fd, SIOCETHTOOL, &request)) fail("SIOCETHTOOL");
}

static int attach(const char *device) {
  int fd = socket(AF_PACKET, SOCK_RAW, 0), room = 1 << 25, one = 1;
  struct sockaddr_ll at = {AF_PACKET, htons(ETH_P_ALL), if_nametoindex(device)};
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room)) fail("SO_RCVBUFFORCE");
  if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one)) fail("PACKET_IGNORE_OUTGOING");
  if (bind(fd, (void *)&at, sizeof at)) fail(device);
  return fd;
}

// How many frames came faster than they were taken.
static int missed(int fd) {
  struct tpacket_stats stats;
  socklen_t length = sizeof stats;
  if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length)) fail("PACKET_STATISTICS");
  return stats.tp_drops;
}

static void pass(struct direction *d, const unsigned char *frame, int length) {
  if (send(d->out, frame, length, 0) != length) fail("send");
}

// Sends on what has been held for long enough.
static void release(struct direction *d, long long time) {
  while (d->count > 0 && d->held[d->first].until <= time) {
    struct held *held = &d->held[d->first];
    pass(d, held->frame, held->length);
    if (held->number < d->latest) reordered++;
    else d->latest = held->number;
    d->first = (d->first + 1) % HELD_MAX;
    d->count--;
  }
}

// Decides what becomes of a packet of the protocol.
static void judge(struct direction *d, const unsigned char *frame, int length) {
  int number = ++d->came, fate = percent();
  if (fate < loss) {
    dropped++;
  } else if (fate < loss + hold && d->count < HELD_MAX) {
    struct held *held = &d->held[(d->first + d->count++) % HELD_MAX];
    held->until = now() + delay;
    held->number = number;
    held->length = length;
    memcpy(held->frame, frame, length);
  } else {
    pass(d, frame, length);
    d->latest = number;
    if (fate < 100 - twice) return;
    pass(d, frame, length);
    doubled++;
  }
}

// Waits until something comes or is to be released; the signal that ends it may come just before.
static void await(void) {
  struct pollfd ready[2];
  long long wait = 100 * MILLISECOND, time = now();
  for (int i = 0; i < 2; i++) {
    struct direction *d = &directions[i];
    ready[i] = (struct pollfd){d->in, POLLIN};
    if (d->count > 0 && d->held[d->first].until - time < wait) wait = d->held[d->first].until - time;
  }
  struct timespec timeout = {0, wait < 0 ? 0 : wait};
  if (ppoll(ready, 2, &timeout, 0) < 0 && errno != EINTR) fail("ppoll");
}

int main(int argc, char **argv) {
  if (argc == 2) return make_whole(argv[1]), 0;
  if (argc != 10) return 2;
  int protocol = atoi(argv[3]), limit = atoi(argv[9]);
  state = atoi(argv[4]);
  loss = atoi(argv[5]);
  twice = atoi(argv[6]);
  hold = atoi(argv[7]);
  delay = atoi(argv[8]) * MILLISECOND;
  signal(SIGTERM, end);
  for (int i = 0; i < 2; i++) directions[i].in = directions[!i].out = attach(argv[1 + i]);
  fprintf(stderr, "ready\n");
  while (!ended && (limit == 0 || directions[0].came + directions[1].came < limit)) {
    await();
    for (int i = 0; i < 2; i++) {
      struct direction *d = &directions[i];
      release(d, now());
      unsigned char frame[FRAME_MAX];
      int length = recv(d->in, frame, sizeof frame, MSG_DONTWAIT | MSG_TRUNC);
      if (length < 0) continue;
      if (length > FRAME_MAX) return fprintf(stderr, "a frame of %d bytes is not whole\n", length), 1;
      int is_ip = length > 23 && frame[12] == 0x08 && frame[13] == 0x00;
      if (is_ip && frame[23] == protocol) judge(d, frame, length);
      else pass(d, frame, length);
    }
  }
  for (int i = 0; i < 2; i++) release(&directions[i], now() + delay);
  printf("{\"came\":%d,\"dropped\":%d,\"doubled\":%d,\"reordered\":%d,\"missed\":%d}",
         directions[0].came + directions[1].came, dropped, doubled, reordered,
         missed(directions[0].in) + missed(directions[1].in));
}
