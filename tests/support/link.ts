// What tests of the families below and beside IP share: the interfaces of a host, and C programs.

import type { Host } from "./namespaces.js";

export const IPV4 = 0x0800;
/** IEEE 802's EtherType for local experiments. */
export const EXPERIMENT = 0x88b5;

export interface Link {
  readonly ifindex: number;
  readonly ifname: string;
  readonly address: string;
}

interface Local {
  readonly family: string;
  readonly local: string;
  readonly prefixlen: number;
}

/** The interfaces of a host and their addresses, as `ip` lists them. */
export function list(host: Host): (Link & { readonly addr_info: Local[] })[] {
  return JSON.parse(host.ip("-json", "address")) as ReturnType<typeof list>;
}

/** The hardware address of a host's end of the wire "east". */
export function hardware(host: Host): Buffer {
  const { address } = list(host).find(({ ifname }) => ifname === "east")!;
  return Buffer.from(address.replaceAll(":", ""), "hex");
}

/** Prints the first frame of an experiment that it sees on "east", in hexadecimal, once it has said so. */
export const CAPTURE = `
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/socket.h>
int main(void) {
  int fd = socket(AF_PACKET, SOCK_RAW, 0);
  struct sockaddr_ll at = {AF_PACKET, htons(${EXPERIMENT}), if_nametoindex("east")};
  if (bind(fd, (void *)&at, sizeof at)) return 1;
  fprintf(stderr, "ready\\n");
  unsigned char frame[256];
  int count = recv(fd, frame, sizeof frame, 0);
  for (int i = 0; i < count; i++) printf("%02x", frame[i]);
  return 0;
}`;

/** Prints the context of a vsock socket that is bound to context argv[1] and any port, or why it is not. */
export const VSOCK = `
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <linux/vm_sockets.h>
int main(int argc, char **argv) {
  struct sockaddr_vm at = {.svm_family = AF_VSOCK, .svm_port = VMADDR_PORT_ANY};
  at.svm_cid = strtoul(argv[1], 0, 10);
  socklen_t length = sizeof at;
  int fd = socket(AF_VSOCK, SOCK_STREAM, 0);
  if (fd < 0 || bind(fd, (void *)&at, length)) return !printf("{\\"errno\\":%d}", errno);
  getsockname(fd, (void *)&at, &length);
  return !printf("{\\"family\\":\\"vsock\\",\\"cid\\":%u}", at.svm_cid);
}`;
