// A client of WASI 0.2, for QuickJS, where a u64 is a number: connects to the port that its argument names, and writes
// what comes back of a text.

import { getArguments } from "wasi:cli/environment@0.2.0";
import { getStdout } from "wasi:cli/stdout@0.2.0";
import { instanceNetwork } from "wasi:sockets/instance-network@0.2.0";
import { createTcpSocket } from "wasi:sockets/tcp-create-socket@0.2.0";

export const run = {
  run() {
    const [, port, text] = getArguments();
    const socket = createTcpSocket("ipv4");
    const address = { port: Number(port), address: [127, 0, 0, 1] };
    socket.startConnect(instanceNetwork(), { tag: "ipv4", val: address });
    socket.subscribe().block();
    const [input, output] = socket.finishConnect();
    output.blockingWriteAndFlush(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
    for (let heard = 0; heard < text.length;) {
      const bytes = input.blockingRead(100);
      getStdout().blockingWriteAndFlush(bytes);
      heard += bytes.length;
    }
  },
};
