import { open } from "wasi-sockets";
import { expect, test } from "vitest";

test("a stream carries bytes between two sockets of one process", async () => {
  using net = await open();
  const listener = net.socket("inet", "stream", "tcp");
  net.bind(listener, { family: "inet", address: "127.0.0.1", port: 0 });
  net.listen(listener, 1);
  const client = net.socket("inet", "stream", "tcp");
  net.connect(client, net.getsockname(listener));
  const server = net.accept(listener);
  expect(net.send(client, Buffer.from("hello"), "nosignal")).toBe(5);
  const bytes = net.buffer(16);
  expect(net.recv(server, bytes, null)).toBe(5);
  expect(Buffer.from(bytes.subarray(0, 5)).toString()).toBe("hello");
});
