// TCP against the peer, from the event loop: promises.js PORT AMOUNT SIZE.

import { open } from "wasi-sockets/promises";
import { time, type Work } from "./work.js";

const net = await open();

/** Sends size bytes and waits for their echo, amount times. */
const pingpong: Work = async (port, amount, size) => {
  const fd = net.socket("inet", "stream", "tcp");
  await net.connect(fd, { family: "inet", address: "127.0.0.1", port });
  net.setsockopt(fd, "tcp", "nodelay", true);
  const buffer = net.buffer(size).fill(0x78);
  let moved = 0;
  for (let round = 0; round < amount; round++) {
    await net.send(fd, buffer);
    let got = await net.recv(fd, buffer);
    while (got < size) {
      const count = await net.recv(fd, buffer.subarray(got));
      if (count === 0) return moved;
      got += count;
    }
    moved += got;
  }
  net.close(fd);
  net.release(buffer);
  return moved;
};

await time(pingpong);
net.dispose();
