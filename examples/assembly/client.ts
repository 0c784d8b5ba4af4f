// An HTTP/1.1 client: finds a server by name and prints what it says.

import {
  AddressInfoHints,
  SOCK,
  close,
  connect,
  eai,
  errno,
  fdToPort,
  getaddrinfo,
  socket,
} from "wasi-sockets/assembly";

/** Fetches "/greeting" from a port of localhost, and prints the answer: 0, -errno or an EAI code. */
export function fetch(port: i32): i32 {
  const addresses = getaddrinfo(
    "localhost",
    port.toString(),
    new AddressInfoHints(0, 0, SOCK.STREAM),
  );
  if (addresses == null) return eai();

  let fd = -1;
  for (let i = 0; i < addresses.length && fd < 0; i++) {
    const address = addresses[i].address;
    fd = socket(addresses[i].family, addresses[i].type, addresses[i].protocol);
    if (fd < 0) continue;
    if (connect(fd, address) == 0) {
      console.log("connected to " + address.toString());
    } else {
      close(fd);
      fd = -1;
    }
  }
  if (fd < 0) return -errno();

  const connection = fdToPort(fd);
  connection.writeText("GET /greeting HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  for (let line = connection.readLine(); line != null; line = connection.readLine()) {
    console.log(line);
  }
  return connection.close() < 0 ? -errno() : 0;
}
