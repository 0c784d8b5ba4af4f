// Two hosts with two wires between them, "east" and "west": we are on one, and the other sends to groups.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Host, Network } from "./namespaces.js";
import { Program } from "./programs.js";
import { Remote } from "./remote.js";

/** What the other host can send: to a group over a wire, from its second address, or to us alone. */
export type Sent = "east" | "west" | "other" | "unicast";

/** Where a datagram comes from, over which interface as node:dgram takes it, and where to. */
interface Route {
  readonly from: string;
  readonly via: string;
  readonly to: string;
}

/** The group of a family. */
export const GROUPS = { inet: "239.9.9.9", inet6: "ff05::9:9" } as const;

const ROUTES: Record<"inet" | "inet6", Record<Sent, Route>> = {
  inet: {
    east: { from: "10.9.1.2", via: "10.9.1.2", to: GROUPS.inet },
    west: { from: "10.9.2.2", via: "10.9.2.2", to: GROUPS.inet },
    other: { from: "10.9.1.3", via: "10.9.1.3", to: GROUPS.inet },
    unicast: { from: "10.9.1.2", via: "10.9.1.2", to: "10.9.1.1" },
  },
  inet6: {
    east: { from: "fd09:1::2", via: "::%east", to: GROUPS.inet6 },
    west: { from: "fd09:2::2", via: "::%west", to: GROUPS.inet6 },
    other: { from: "fd09:1::3", via: "::%east", to: GROUPS.inet6 },
    unicast: { from: "fd09:1::2", via: "::%east", to: "fd09:1::1" },
  },
};

/** Sends datagrams one after the other, each from a socket of its own. */
const SENDER = `
  const dgram = require("node:dgram");
  const [type, port, ...datagrams] = JSON.parse(process.argv[1]);
  async function send({ text, from, via, to }) {
    const socket = dgram.createSocket(type);
    await new Promise((resolve) => socket.bind(0, from, resolve));
    socket.setMulticastInterface(via);
    await new Promise((resolve, reject) => {
      socket.send(text, port, to, (error) => (error ? reject(error) : resolve()));
    });
    socket.close();
  }
  (async () => { for (const datagram of datagrams) await send(datagram); })();
`;

/** A program in C that says its port, then prints the first datagram to group argv[2] of family argv[1], its TTL, and its interface. */
export const RECEIVER = `
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
int main(int argc, char **argv) {
  int six = !strcmp(argv[1], "inet6");
  int level = six ? IPPROTO_IPV6 : IPPROTO_IP, one = 1;
  int fd = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
  union { struct sockaddr_in in; struct sockaddr_in6 in6; } name = {0};
  name.in.sin_family = six ? AF_INET6 : AF_INET;
  socklen_t length = six ? sizeof name.in6 : sizeof name.in;
  bind(fd, (void *)&name, length);
  setsockopt(fd, level, six ? IPV6_RECVHOPLIMIT : IP_RECVTTL, &one, sizeof one);
  setsockopt(fd, level, six ? IPV6_RECVPKTINFO : IP_PKTINFO, &one, sizeof one);
  for (int i = 0; i < 2; i++) {
    struct group_req request = {.gr_interface = if_nametoindex(i ? "east" : "west")};
    request.gr_group.ss_family = six ? AF_INET6 : AF_INET;
    void *to = six ? (void *)&((struct sockaddr_in6 *)&request.gr_group)->sin6_addr
                   : (void *)&((struct sockaddr_in *)&request.gr_group)->sin_addr;
    inet_pton(request.gr_group.ss_family, argv[2], to);
    if (setsockopt(fd, level, MCAST_JOIN_GROUP, &request, sizeof request)) return 1;
  }
  getsockname(fd, (void *)&name, &length);
  fprintf(stderr, "port %d\\n", ntohs(name.in.sin_port));
  char text[64], control[256], device[IF_NAMESIZE];
  struct iovec vector = {text, sizeof text};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  int count = recvmsg(fd, &message, 0), ttl = -1, index = 0;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    int pktinfo = c->cmsg_type == (six ? IPV6_PKTINFO : IP_PKTINFO);
    if (!pktinfo) ttl = *(int *)CMSG_DATA(c);
    else if (six) index = ((struct in6_pktinfo *)CMSG_DATA(c))->ipi6_ifindex;
    else index = ((struct in_pktinfo *)CMSG_DATA(c))->ipi_ifindex;
  }
  return printf("%.*s %d %s", count, text, ttl, if_indextoname(index, device)) < 0;
}`;

/** The two hosts. */
export class Lan {
  readonly ours: Host;
  /** The host of the peers. */
  readonly peer: Host;
  /** Sockets on our host. */
  readonly us: Remote;

  constructor(network: Network) {
    this.ours = network.host();
    this.peer = network.host();
    for (const [i, device] of ["east", "west"].entries()) {
      const [v4, v6] = [`10.9.${i + 1}.`, `fd09:${i + 1}::`];
      const at = (n: number) => [`${v4}${n}/24`, `${v6}${n}/64`];
      network.wire(
        { host: this.ours, device, addresses: at(1) },
        { host: this.peer, device, addresses: [...at(2), ...at(3)] },
      );
    }
    this.us = new Remote(this.ours.prefix);
  }

  /** Lets node:dgram send datagrams from the other host, whose texts are their names. */
  async send(family: "inet" | "inet6", port: number, ...names: Sent[]): Promise<void> {
    const datagrams = names.map((text) => ({ text, ...ROUTES[family][text] }));
    const type = { inet: "udp4", inet6: "udp6" }[family];
    const options = JSON.stringify([type, port, ...datagrams]);
    const [command, ...prefix] = this.peer.prefix;
    await promisify(execFile)(command!, [...prefix, process.execPath, "-e", SENDER, options]);
  }

  /** Starts a program on the other host. */
  start(program: string, ...args: string[]): Program {
    const [command, ...prefix] = this.peer.prefix;
    return new Program(command!, [...prefix, program, ...args]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.us[Symbol.asyncDispose]();
  }
}
