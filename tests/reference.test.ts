// The same scripts of socket calls in C and in TypeScript: their results and error numbers must agree.

import { readFileSync } from "node:fs";
import { type Address, type Domain, type Flags, type Level, type Net } from "wasi-sockets";
import type { How, MessageFlag, Protocol, Type } from "wasi-sockets";
import { beforeAll, describe, expect } from "vitest";
import { compileC, compiler, runC } from "./support/c.js";
import { testWithC } from "./support/programs.js";
import { openBounded, unix } from "./support/sockets.js";

/** A statement a line; a capital letter names a socket, `-` is an absent argument. */
const SCRIPTS: Record<string, string> = {
  "a stream from bind to close": `
    socket A inet stream tcp; name A; bind A loopback; name A; listen A 1; get A socket acceptconn
    socket B inet stream -; peer B; connect B @A; peer B; accept C A; name C; peer C
    send B 5 -; recv C 8 peek; recv C 3 -; recv C 8 -; close B; recv C 8 -; close C; close A; close A`,
  "no bytes": `
    pair A B unix stream; send A 0 -; recv B 0 dontwait; send A 3 -; recv B 0 -; recv B 8 -; recv B 8 dontwait
    pair C D unix datagram; send C 0 -; recv D 8 -; recv D 8 dontwait; send C 3 -; recv D 0 -; recv D 8 dontwait
    pair E F unix seqpacket; send E 0 -; send E 2 -; recv F 0 dontwait; recv F 8 dontwait`,
  shutdown: `
    socket A inet stream -; shutdown A both; bind A loopback; listen A 1; socket B inet stream -; connect B @A; accept C A
    shutdown C read; recv C 1 -; shutdown B write; send B 1 -; shutdown B write; shutdown B read; shutdown B both
    shutdown C both; shutdown C both; recv B 1 -; send C 1 -; shutdown C 7; shutdown A both; peer C`,
  "shutdown of a pair": `
    pair A B unix stream; send A 2 -; shutdown A write; send A 1 -; recv B 8 -; recv B 8 -; shutdown B read; send A 1 -
    shutdown A both; shutdown B both; recv A 1 -; send B 1 -`,
  "connect twice": `
    socket A inet stream -; bind A loopback; listen A 4; socket B inet stream -; connect B @A; connect B @A; connect A @A
    socket C inet datagram -; bind C loopback; connect C @A; connect C @C; connect C unspec; peer C; connect B unspec; peer B`,
  "connect to what cannot be": `
    socket A inet stream -; connect A foreign6; connect A tiny; connect A family99; connect A broadcast
    socket B inet datagram -; connect B broadcast; connect B tiny; connect B foreign6; sendto B 1 - tiny; sendto B 1 - family99
    socket C inet6 stream -; connect C loopback; socket D unix stream -; connect D loopback; connect D /no/such/path; connect D unnamed
    socket E unix datagram -; connect E /no/such/path; sendto E 1 - /no/such/path; sendto E 1 - unnamed; send E 1 -`,
  "bind twice, in use, elsewhere": `
    socket A inet stream -; bind A loopback; bind A loopback; listen A 1; socket B inet stream -; bind B @A; bind B foreign; bind B tiny
    bind B family99; bind B foreign6; bind B unspec; socket C inet6 datagram -; bind C loopback; bind C loopback6; bind C loopback6; name C
    socket D unix stream -; bind D autobind; bind D autobind; socket E unix stream -; bind E @D; bind E loopback; bind E /no/such/directory/socket`,
  "listen on what does not": `
    socket A inet datagram -; listen A 1; bind A loopback; listen A 1; accept B A; socket C unix datagram -; listen C 1; accept D C
    socket E inet stream -; listen E -1; listen E 0; listen E 1000000; name E; socket F unix stream -; listen F 1; connect F autobind`,
  "accept on what does not listen": `
    socket A inet stream -; accept B A; bind A loopback; accept B A; listen A 1; socket C inet stream+nonblock -; connect C @A
    accept D A; accept E D; accept E C; pair F G unix stream; accept H F; getfl A; getfl C; getfl D`,
  "before there is a connection": `
    socket A inet stream -; peer A; send A 1 -; recv A 1 -; send A 0 -; shutdown A read; sendto A 1 - -; recvfrom A 1 -
    socket B inet datagram -; peer B; send B 1 -; send B 0 -; recv B 1 dontwait; recvfrom B 1 dontwait; shutdown B both
    socket C unix stream -; peer C; send C 1 -; recv C 1 -; sendto C 1 - autobind; socket D unix seqpacket -; recv D 1 -; send D 1 -`,
  datagrams: `
    socket A inet datagram udp; bind A loopback; socket B inet datagram udp; sendto B 5 - @A; recvfrom A 8 peek; recvfrom A 3 trunc
    sendto B 5 - @A; recv A 3 -; recv A 3 dontwait; sendto B 70000 - @A; sendto B 1 oob @A; recv A 1 oob+dontwait; sendto B 0 - @A; recvfrom A 8 -
    connect B @A; sendto B 2 - @A; sendto B 2 - -; send B 2 confirm; recv A 8 -; recv A 8 -; recv A 8 -; recv A 8 dontwait; recvfrom A 1 errqueue`,
  "nobody at the other end": `
    socket A inet datagram -; bind A loopback; socket B inet datagram -; connect B @A; close A; send B 1 -; recv B 1 -; recv B 1 dontwait
    send B 1 -; get B socket error; get B socket error; pair C D unix stream; close D; send C 1 -; recv C 1 -; send C 1 nosignal
    pair E F unix datagram; close F; send E 1 -; recv E 1 dontwait; pair G H unix seqpacket; close H; send G 1 -; recv G 1 -`,
  "urgent bytes": `
    socket A inet stream -; bind A loopback; listen A 1; socket B inet stream -; connect B @A; accept C A; recv C 1 oob
    send B 2 -; send B 3 oob; recv C 8 oob; recv C 8 oob; recv C 8 -; recv C 8 dontwait; pair D E unix datagram; send D 1 oob; recv E 1 oob`,
  "flags that are odd": `
    pair A B unix stream; send A 1 more; send A 1 eor; send A 1 confirm; send A 1 dontroute; send A 1 zerocopy; send A 1 syn
    recv B 9 trunc; recv B 9 errqueue+dontwait; recv B 9 cmsg-cloexec+dontwait; recv B 9 dontwait; send A 1 fastopen; recv B 1 waitall`,
  options: `
    socket A inet stream -; get A socket type; get A socket domain; get A socket protocol; get A socket error; get A socket acceptconn
    set A socket keepalive 1; get A socket keepalive; set A tcp nodelay 1; get A tcp nodelay; set A ip ttl 300; set A ip ttl 3; get A ip ttl
    set A socket type 1; set A tcp keepcnt 0; set A ipv6 v6only 1; get A ipv6 v6only; socket B unix stream -; set B tcp nodelay 1
    set B ip ttl 3; get B socket keepalive; socket C inet datagram -; set C tcp nodelay 1; set C socket broadcast 1; connect C broadcast
    getfl C; setfl C nonblock+append; getfl C; recv C 1 -; setfl C append; getfl C; setfl C 0; getfl C`,
  "families that sockets have": ["unspec", "unix", "inet", "inet6", "99", "-1"]
    .flatMap((family) =>
      ["stream", "datagram", "seqpacket", "rdm", "raw", "dccp", "packet", "0", "77"].map(
        (type) => `socket A ${family} ${type} -`,
      ),
    )
    .join(";"),
  "protocols that sockets have": ["stream", "datagram", "seqpacket", "raw"]
    .flatMap((type) =>
      `ip icmp igmp ipip tcp egp pup udp idp tp dccp ipv6 rsvp gre esp ah icmpv6 mtp beetph encap pim comp sctp udplite mpls raw mptcp 300 -1`
        .split(" ")
        .map((protocol) => `socket A inet ${type} ${protocol}`),
    )
    .join(";"),
  "protocols of other families": `
    socket A inet6 stream tcp; socket A inet6 datagram udplite; socket A inet6 raw icmpv6; socket A inet6 stream sctp; socket A inet6 stream mptcp
    socket A unix stream tcp; socket A unix stream 1; socket A inet stream+nonblock udp; socket A inet stream+cloexec+nonblock tcp
    pair A B inet stream; pair A B inet6 datagram; pair A B unix raw; pair A B unix stream; pair A B unix rdm; pair A B 99 stream`,
};

const statements = (script: string) =>
  script
    .split(/[;\n]/)
    .map((s) => s.trim())
    .filter(Boolean);

const PLACES: Record<string, Address> = {
  loopback: { family: "inet", address: "127.0.0.1", port: 0 },
  loopback6: { family: "inet6", address: "::1", port: 0 },
  foreign: { family: "inet", address: "203.0.113.1", port: 9 },
  foreign6: { family: "inet6", address: "::1", port: 9 },
  broadcast: { family: "inet", address: "255.255.255.255", port: 9 },
  unspec: { family: 0, bytes: new Uint8Array(16) },
  family99: { family: 99, bytes: new Uint8Array(16).fill(99, 0, 1) },
  tiny: { family: 2, bytes: Uint8Array.of(2, 0) },
  autobind: unix(""),
  unnamed: unix(""),
};

type Sockets = Map<string, number>;

const flagsOf = (word: string) => (word === "-" ? null : word.split("+").map(symbol));
const symbol = (word: string) => (/^-?\d+$/.test(word) ? Number(word) : word);

function place(net: Net, fds: Sockets, word: string): Address {
  if (word.startsWith("@")) return net.getsockname(fds.get(word.slice(1)) ?? -1);
  return word.startsWith("/") ? unix(word) : PLACES[word]!;
}

function shown(address: Address): string {
  if (address.family !== "inet" && address.family !== "inet6") return "unix";
  return `${address.address} ${address.port === 0 ? "0" : "bound"}`;
}

type Verb = (net: Net, fds: Sockets, fd: number, words: string[]) => number | string | undefined;

/** What the statements do; what throws nothing and gives nothing gives 0, as in C. */
const VERBS: Record<string, Verb> = {
  socket: (net, fds, _, [name, domain, type, protocol]) => {
    const number = protocol === "-" ? null : symbol(protocol!);
    fds.set(
      name!,
      net.socket(symbol(domain!) as Domain, flagsOf(type!) as Flags<Type>, number as Protocol),
    );
  },
  pair: (net, fds, _, [left, right, domain, type]) => {
    const pair = net.socketpair(symbol(domain!) as Domain, flagsOf(type!) as Flags<Type>);
    fds.set(left!, pair[0]).set(right!, pair[1]);
  },
  bind: (net, fds, fd, [, where]) => {
    net.bind(fd, place(net, fds, where!));
  },
  connect: (net, fds, fd, [, where]) => {
    net.connect(fd, place(net, fds, where!));
  },
  listen: (net, _, fd, [, backlog]) => {
    net.listen(fd, Number(backlog));
  },
  accept: (net, fds, _, [name, listener]) => {
    fds.set(name!, net.accept(fds.get(listener!) ?? -1));
  },
  shutdown: (net, _, fd, [, how]) => {
    net.shutdown(fd, symbol(how!) as How);
  },
  close: (net, _, fd) => {
    net.close(fd);
  },
  send: (net, _, fd, [, size, flags]) =>
    net.send(fd, new Uint8Array(Number(size)), messageFlags(flags!)),
  recv: (net, _, fd, [, size, flags]) =>
    net.recv(fd, new Uint8Array(Number(size)), messageFlags(flags!)),
  recvfrom: (net, _, fd, [, size, flags]) => {
    const [count] = net.recvfrom(fd, new Uint8Array(Number(size)), messageFlags(flags!));
    return count === false ? -1 : count;
  },
  sendto: (net, fds, fd, [, size, flags, where]) => {
    const address = where === "-" ? null : place(net, fds, where!);
    return net.sendto(fd, new Uint8Array(Number(size)), messageFlags(flags!), address);
  },
  name: (net, _, fd) => shown(net.getsockname(fd)),
  peer: (net, _, fd) => shown(net.getpeername(fd)),
  get: (net, _, fd, [, level, option]) => Number(net.getsockopt(fd, level as Level, option)),
  set: (net, _, fd, [, level, option, value]) => {
    net.setsockopt(fd, level as Level, option, Number(value));
  },
  getfl: (net, _, fd) => {
    const bits = { "non-blocking": 0o4000, append: 0o2000, async: 0o20000 } as Record<
      string,
      number
    >;
    return net.fcntl(fd, "getfl").reduce((sum, flag) => sum + bits[flag]!, 0);
  },
  setfl: (net, _, fd, [, flags]) => {
    net.fcntlSet(fd, "setfl", flagsOf(flags!) as Flags<"append">);
  },
};

const messageFlags = (word: string) => flagsOf(word) as Flags<MessageFlag>;

/** What a statement gives, as the C program prints it. */
function ours(net: Net, fds: Sockets, statement: string): string {
  const [verb, ...words] = statement.split(" ");
  try {
    const result = VERBS[verb!]!(net, fds, fds.get(words[0]!) ?? -1, words) ?? 0;
    return result === -1 ? net.errno!.code : String(result);
  } catch (error) {
    if ((error as Error).name !== "SocketError") throw error;
    return (error as { code: string }).code;
  }
}

describe("C and TypeScript get the same from", () => {
  let program = "";
  beforeAll(async () => {
    const source = new URL("support/reference.c", import.meta.url);
    if ("command" in compiler) program = await compileC("reference", readFileSync(source, "utf8"));
  });

  for (const [what, script] of Object.entries(SCRIPTS)) {
    testWithC(what, async () => {
      const lines = statements(script);
      const printed = (await runC(program, [], `${lines.join("\n")}\n`)).trim().split("\n");
      using bounded = await openBounded();
      const fds: Sockets = new Map();
      const results = lines.map((line) => `${line} → ${ours(bounded.net, fds, line)}`);
      expect(results).toEqual(lines.map((line, index) => `${line} → ${printed[index] ?? "?"}`));
    });
  }
});
