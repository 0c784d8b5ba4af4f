// Ports under node:tls, against TLS servers and clients of other processes.

import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { connect, TLSSocket } from "node:tls";
import { open, type Net } from "wasi-sockets";
import { describe, expect } from "vitest";
import { Peer } from "./support/peers.js";
import { scratchPath, testWith } from "./support/programs.js";
import { digest, loopback } from "./support/sockets.js";
import { collected } from "./support/streams.js";

const SIZE = 4 * 1024 * 1024 + 7;
const test = testWith("openssl");

/** A certificate of "localhost" that signs itself, made once. */
const certificate = (() => {
  let files: { key: string; cert: string } | undefined;
  return () => {
    if (files === undefined) {
      files = { key: scratchPath("key.pem"), cert: scratchPath("cert.pem") };
      const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
      const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
      const out = ["-nodes", "-days", "2", "-keyout", files.key, "-out", files.cert];
      execFileSync("openssl", ["req", "-x509", ...curve, ...name, ...out], { stdio: "ignore" });
    }
    return files;
  };
})();

const SERVER = `
  import { readFileSync } from "node:fs";
  import tls from "node:tls";
  const { key, cert } = JSON.parse(process.argv[1]);
  const options = { key: readFileSync(key), cert: readFileSync(cert), allowHalfOpen: true };
  const server = tls.createServer(options, (socket) => socket.pipe(socket));
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1", () => process.send(server.address().port));
  setTimeout(() => process.exit(1), 20_000);
`;

const CLIENT = `
  import { readFileSync } from "node:fs";
  import { text } from "node:stream/consumers";
  import tls from "node:tls";
  const { cert, port } = JSON.parse(process.argv[1]);
  const ca = readFileSync(cert);
  const socket = tls.connect({ port, host: "127.0.0.1", servername: "localhost", ca });
  socket.write("hello");
  process.send({ said: await text(socket), authorized: socket.authorized });
`;

const connected = (bsd: Net, port: number) => {
  const fd = bsd.socket("inet", "stream");
  bsd.connect(fd, { family: "inet", address: "127.0.0.1", port });
  return bsd.fdToPort(fd);
};

describe("tls.connect({ socket: port })", () => {
  const secured = (bsd: Net, port: number, ca = [readFileSync(certificate().cert)]) =>
    connect({ socket: connected(bsd, port), servername: "localhost", ca });

  test("moves megabytes both ways, to a server of another process whose certificate it verifies", async () => {
    await using peer = new Peer(SERVER, certificate());
    using bsd = await open();
    const socket = secured(bsd, await peer.next());
    await once(socket, "secureConnect");
    expect(socket.authorized).toBe(true);
    const content = randomBytes(SIZE);
    const echoed = collected(socket);
    socket.end(content);
    expect(digest(await echoed)).toEqual(digest(content));
  });

  test("refuses a certificate that nobody vouches for, and closes the port", async () => {
    await using peer = new Peer(SERVER, certificate());
    using bsd = await open();
    const port = connected(bsd, await peer.next());
    const socket = connect({ socket: port, servername: "localhost", ca: [] });
    const [error] = (await once(socket, "error")) as [Error];
    expect(error).toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    if (!port.closed) await once(port, "close");
    expect(() => bsd.getsockname(port.fd)).toThrow(/EBADF/);
  });

  test("talks to openssl s_server", async () => {
    const { key, cert } = certificate();
    const args = ["s_server", "-accept", "127.0.0.1:0", "-key", key, "-cert", cert, "-rev"];
    const server = spawn("openssl", args, { stdio: ["ignore", "pipe", "ignore"], timeout: 20_000 });
    try {
      using bsd = await open();
      for await (const line of createInterface(server.stdout)) {
        const port = /^ACCEPT .*:(\d+)$/.exec(line)?.[1];
        if (port === undefined) continue;
        const socket = secured(bsd, Number(port));
        socket.write("stressed\n");
        expect(await once(socket, "data")).toEqual([Buffer.from("desserts\n")]);
        socket.destroy();
        break;
      }
    } finally {
      server.kill("SIGKILL");
    }
  });
});

describe("a TLSSocket over an accepted port", () => {
  test("serves a tls client of another process", async () => {
    const { key, cert } = certificate();
    using bsd = await open();
    const listener = bsd.listenPort(loopback("inet"));
    const { port } = listener.address as { port: number };
    await using peer = new Peer(CLIENT, { cert, port });
    const { value } = await listener.next();
    const options = { isServer: true, key: readFileSync(key), cert: readFileSync(cert) };
    const socket = new TLSSocket(value!, options);
    const [chunk] = (await once(socket, "data")) as [Buffer];
    socket.end(`${String(chunk)} to you`);
    expect(await peer.next()).toEqual({ said: "hello to you", authorized: true });
  });
});
