// The examples that need a network of their own: ping, traceroute and chat.

import { execFileSync } from "node:child_process";
import { beforeAll, expect, test } from "vitest";
import { Example, compileExample } from "./support/examples.js";
import { testInNetwork, type Host, type Network } from "./support/namespaces.js";

beforeAll(async () => {
  await Promise.all(["ping", "traceroute", "chat"].map(compileExample));
});

/** The lines of a ping after its first, with N for each measured time. */
function shape(lines: readonly string[]): string[] {
  return lines.slice(1).map((line) => line.replace(/[\d.]+(?=\/| ?ms)/g, "N"));
}

/** What Debian's ping prints. */
function debianPing(host: Host, address: string): string[] {
  const [command, ...args] = [...host.prefix, "ping", "-c", "3", "-i", "0.2", address];
  return execFileSync(command, args, { encoding: "utf8" }).trimEnd().split("\n");
}

for (const address of ["127.0.0.1", "::1"]) {
  testInNetwork(
    `ping: ${address} answers a raw socket, and the output is that of Debian's ping`,
    async (network) => {
      const host = network.host();
      host.set("net/ipv4/ping_group_range", "1 0");
      await using ping = new Example("ping", [address, "3"], host.prefix);
      const lines = await ping.rest();
      expect(lines[0]).toBe(`PING ${address}: 56 data bytes, raw socket`);
      expect(shape(lines)).toEqual(shape(debianPing(host, address)));
    },
    ["ping"],
  );

  testInNetwork(`ping: ${address} answers a datagram socket`, async (network) => {
    const host = network.host();
    host.set("net/ipv4/ping_group_range", "0 0");
    await using ping = new Example("ping", [address, "2"], host.prefix);
    const lines = await ping.rest();
    expect(lines[0]).toBe(`PING ${address}: 56 data bytes, datagram socket`);
    expect(shape(lines)).toEqual([
      `64 bytes from ${address}: icmp_seq=1 ttl=64 time=N ms`,
      `64 bytes from ${address}: icmp_seq=2 ttl=64 time=N ms`,
      "",
      `--- ${address} ping statistics ---`,
      "2 packets transmitted, 2 received, 0% packet loss, time Nms",
      "rtt min/avg/max/mdev = N/N/N/N ms",
    ]);
  });
}

testInNetwork("ping: counts what is lost, and fails where all is", async (network) => {
  const host = network.host();
  host.set("net/ipv4/icmp_echo_ignore_all", "1");
  await using ping = new Example("ping", ["127.0.0.1", "1"], host.prefix);
  await ping.line(/^PING/);
  await ping.line(/^$/);
  await ping.line(/^---/);
  await ping.line(/^1 packets transmitted, 0 received, 100% packet loss/);
  expect(await ping.complaint()).toBe("");
});

/** Three hosts in a row, of which the middle one forwards. */
function row(network: Network): Host {
  const near = network.host();
  const router = network.host();
  const far = network.host();
  router.set("net/ipv4/ip_forward", "1");
  router.set("net/ipv6/conf/all/forwarding", "1");
  network.wire(
    { host: near, device: "eth0", addresses: ["10.0.1.1/24", "fd00:1::1/64"] },
    { host: router, device: "eth0", addresses: ["10.0.1.2/24", "fd00:1::2/64"] },
  );
  network.wire(
    { host: router, device: "eth1", addresses: ["10.0.2.2/24", "fd00:2::2/64"] },
    { host: far, device: "eth0", addresses: ["10.0.2.3/24", "fd00:2::3/64"] },
  );
  for (const [host, inet, inet6] of [
    [near, "10.0.1.2", "fd00:1::2"],
    [far, "10.0.2.2", "fd00:2::2"],
  ] as const) {
    host.ip("route", "add", "default", "via", inet);
    host.ip("route", "add", "default", "via", inet6);
  }
  return near;
}

for (const [family, first, last] of [
  ["IPv4", "10.0.1.2", "10.0.2.3"],
  ["IPv6", "fd00:1::2", "fd00:2::3"],
] as const) {
  testInNetwork(`traceroute: finds the router and the target over ${family}`, async (network) => {
    await using trace = new Example("traceroute", [last], row(network).prefix);
    expect(await trace.rest()).toEqual([` 1  ${first}`, ` 2  ${last}`, `${last} is 2 hops away`]);
  });
}

testInNetwork("traceroute: ends after the hops that it is given", async (network) => {
  await using trace = new Example("traceroute", ["10.0.2.3", "1"], row(network).prefix);
  await trace.line(/^ 1 {2}10\.0\.1\.2$/);
  expect(await trace.complaint()).toContain("traceroute: ETIMEDOUT");
});

testInNetwork("traceroute: reports that there is no route", async (network) => {
  await using trace = new Example("traceroute", ["10.0.2.3"], network.host().prefix);
  expect(await trace.complaint()).toContain("traceroute: ENETUNREACH");
});

for (const group of ["239.1.2.3", "ff02::1234"]) {
  testInNetwork(`chat: two hosts hear each other and themselves in ${group}`, async (network) => {
    const [left, right] = [network.host(), network.host()];
    network.wire(
      { host: left, device: "eth0", addresses: ["10.0.0.1/24", "fd00::1/64"] },
      { host: right, device: "eth0", addresses: ["10.0.0.2/24", "fd00::2/64"] },
    );
    await using ada = new Example("chat", ["ada", group, "eth0"], left.prefix);
    await using bob = new Example("chat", ["bob", group, "eth0"], right.prefix);
    await ada.line(/^ada has joined/);
    await bob.line(/^bob has joined/);

    ada.type("good morning");
    for (const participant of [ada, bob]) await participant.line(/^ada: good morning$/);
    bob.type("καλημέρα");
    for (const participant of [ada, bob]) await participant.line(/^bob: καλημέρα$/);

    for (const participant of [ada, bob]) {
      participant.endInput();
      expect(await participant.rest()).toEqual([]);
    }
  });
}

test("chat: an interface that does not exist is an error", async () => {
  await using chat = new Example("chat", ["ada", "239.1.2.3", "none0"]);
  expect(await chat.complaint()).toContain("join: ENODEV");
});
