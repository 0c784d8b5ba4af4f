// The examples that ask for names: dns of Debian's dnsmasq, mdns of a responder on the same link.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { beforeAll, expect, test } from "vitest";
import { Example, compileExample } from "./support/examples.js";
import { testInNetwork, type Host, type Network } from "./support/namespaces.js";

beforeAll(async () => {
  await Promise.all(["dns", "mdns"].map(compileExample));
});

/** Strings that do not fit into a UDP answer together. */
const STRINGS = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(200));

const RECORDS = [
  "--host-record=host.test,192.0.2.7,2001:db8::7",
  "--cname=alias.test,host.test",
  "--txt-record=short.test,hello,wasm",
  `--txt-record=long.test,${STRINGS.join(",")}`,
  "--local=/test/",
];

const OPTIONS = [
  ...["--keep-in-foreground", "--log-facility=-", "--conf-file=/dev/null", "--pid-file="],
  ...["--user=root", "--no-resolv", "--no-hosts", "--bind-interfaces"],
  ...["--listen-address=127.0.0.1", "--listen-address=::1"],
];

/** A host with a DNS server. */
async function resolver(network: Network): Promise<Host> {
  const host = network.host();
  await host.start(["dnsmasq", ...OPTIONS, ...RECORDS], /(started)/);
  return host;
}

for (const server of ["127.0.0.1", "::1"]) {
  testInNetwork(
    `dns: reads the answers of dnsmasq at ${server}, and asks over TCP for what is long`,
    async (network) => {
      const host = await resolver(network);
      const ask = async (name: string, type: string) => {
        await using dns = new Example("dns", [server, name, type], host.prefix);
        return await dns.rest();
      };

      expect(await ask("host.test", "A")).toEqual(["host.test. 192.0.2.7"]);
      expect(await ask("host.test", "AAAA")).toEqual(["host.test. 2001:db8::7"]);
      expect(await ask("alias.test", "A")).toEqual([
        "alias.test. host.test.",
        "host.test. 192.0.2.7",
      ]);
      expect(await ask("7.2.0.192.in-addr.arpa", "PTR")).toEqual([
        "7.2.0.192.in-addr.arpa. host.test.",
      ]);
      expect(await ask("short.test", "TXT")).toEqual(['short.test. "hello" "wasm"']);
      expect(await ask("long.test", "TXT")).toEqual([
        ";; truncated, asking over TCP",
        `long.test. ${STRINGS.map((string) => `"${string}"`).join(" ")}`,
      ]);
    },
    ["dnsmasq"],
  );
}

testInNetwork(
  "dns: a name that does not exist, and a server that does not, are errors",
  async (network) => {
    const host = await resolver(network);
    await using nowhere = new Example("dns", ["127.0.0.1", "nowhere.test"], host.prefix);
    expect(await nowhere.complaint()).toContain("nowhere.test: ENODATA");
    await using nobody = new Example("dns", ["127.0.0.2", "host.test"], host.prefix);
    expect(await nobody.complaint()).toContain("host.test: ECONNREFUSED");
  },
  ["dnsmasq"],
);

/** What a server answers: one IPv4 address, its name a pointer to the question's. */
function answerTo(query: Buffer, address: readonly number[]): Buffer {
  const answer = Buffer.concat([
    query,
    Buffer.from("c00c00010001000000780004", "hex"),
    Buffer.from(address),
  ]);
  answer.writeUInt16BE(0x8180, 2);
  answer.writeUInt16BE(1, 6);
  return answer;
}

test("dns: passes over an answer to another question, and asks again", async () => {
  const server = createSocket("udp4");
  let asked = 0;
  server.on("message", (query, { port, address }) => {
    const answer = answerTo(query, [192, 0, 2, ++asked]);
    if (asked === 1) answer.writeUInt16BE(query.readUInt16BE(0) ^ 1);
    server.send(answer, port, address);
  });
  server.bind(0, "127.0.0.1");
  await once(server, "listening");

  const { port } = server.address();
  await using dns = new Example("dns", ["127.0.0.1", "host.test", "A", String(port)]);
  expect(await dns.rest()).toEqual(["host.test. 192.0.2.2"]);
  server.close();
});

// Answers the question for printer.local, in the second of two records and by a compressed name; before that
// it sends what a querier must pass over.
const RESPONDER = `
  const [address] = process.argv.slice(1);
  const label = (text) => Buffer.concat([Buffer.of(text.length), Buffer.from(text)]);
  const printer = Buffer.concat([label("printer"), label("local"), Buffer.of(0)]);
  const record = (name, ip) =>
    Buffer.concat([name, Buffer.from("00018001000000780004", "hex"), Buffer.from(ip.split("."))]);
  const response = (...records) =>
    Buffer.concat([Buffer.from([0, 0, 0x84, 0, 0, 0, 0, records.length, 0, 0, 0, 0]), ...records]);

  const scanner = record(Buffer.concat([label("scanner"), label("local"), Buffer.of(0)]), "10.0.0.9");
  const local = Buffer.of(0xc0, 12 + "scanner".length + 1);
  const compressed = record(Buffer.concat([label("printer"), local]), address);
  const circle = record(Buffer.of(0xc0, 12), "10.0.0.9");

  const socket = require("node:dgram").createSocket({ type: "udp4", reuseAddr: true });
  const say = (bytes) => socket.send(bytes, 5353, "224.0.0.251");
  socket.on("message", (message) => {
    const asked = message.subarray(12);
    if ((message[2] & 0x80) !== 0 || !asked.subarray(0, printer.length).equals(printer)) return;
    if (asked.subarray(printer.length).toString("hex") !== "00010001") return;
    say(Buffer.of(1, 2, 3));
    say(response(circle));
    say(response(scanner));
    say(response(scanner, compressed));
  });
  socket.bind(5353, () => {
    socket.addMembership("224.0.0.251", address);
    socket.setMulticastInterface(address);
    console.error("ready");
  });
`;

/** Two hosts on a wire, of which the second answers: the first. */
async function link(network: Network): Promise<Host> {
  const [host, other] = [network.host(), network.host()];
  network.wire(
    { host, device: "eth0", addresses: ["10.0.0.1/24"] },
    { host: other, device: "eth0", addresses: ["10.0.0.2/24"] },
  );
  await other.start([process.execPath, "-e", RESPONDER, "10.0.0.2"], /(ready)/);
  return host;
}

testInNetwork("mdns: finds the host that bears a name, among other answers", async (network) => {
  const host = await link(network);
  await using mdns = new Example("mdns", ["printer.local", "eth0"], host.prefix);
  expect(await mdns.rest()).toEqual(["printer.local is at 10.0.0.2"]);
});

testInNetwork("mdns: a name that nobody bears is an error", async (network) => {
  const host = await link(network);
  await using mdns = new Example("mdns", ["toaster.local", "eth0"], host.prefix);
  expect(await mdns.complaint()).toContain("toaster.local: ETIMEDOUT");
});
