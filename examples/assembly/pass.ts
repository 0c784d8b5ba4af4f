// A connection changes hands: one guest accepts it, another serves it. The descriptor travels over a Unix
// socket, SCM_RIGHTS of unix(7).

import {
  AF,
  ControlData,
  Errno,
  Inet,
  Messages,
  SOCK,
  Unix,
  accept,
  bind,
  close,
  connect,
  errno,
  fdToPort,
  getpeername,
  getsockname,
  listen,
  socket,
} from "wasi-sockets/assembly";

/** Room for one descriptor: the header of a control message, and an int. */
const CONTROL_SIZE: i32 = 16;

let front: i32 = -1;
let back: i32 = -1;

/** The sender listens, to the world on a loopback port and to the receiver on a path: the port, or -errno. */
export function open(path: string): i32 {
  front = socket(AF.INET, SOCK.STREAM, 0);
  back = socket(AF.UNIX, SOCK.STREAM, 0);
  if (front < 0 || back < 0) return -errno();
  if (bind(front, new Inet("127.0.0.1", 0)) < 0 || listen(front, 1) < 0) return -errno();
  if (bind(back, new Unix(path)) < 0 || listen(back, 1) < 0) return -errno();
  const address = getsockname(front);
  return address == null ? -errno() : (address as Inet).port;
}

/** The sender accepts a connection and hands it over, unread: 0, or -errno. */
export function pass(): i32 {
  const connection = accept(front);
  const receiver = accept(back);
  if (connection < 0 || receiver < 0) return -errno();

  const control = new ControlData(CONTROL_SIZE);
  control.addRights([connection]);
  const message = new Messages();
  message.set(0, new Uint8Array(1), null, control); // on a stream, descriptors travel with a byte
  if (message.send(receiver) < 0) return -errno();

  // The connection lives on: the descriptor in flight holds it open.
  close(connection);
  close(receiver);
  close(front);
  close(back);
  return 0;
}

/** The receiver takes a connection from the sender, and answers each of its lines: 0, or -errno. */
export function serve(path: string): i32 {
  const sender = socket(AF.UNIX, SOCK.STREAM, 0);
  if (sender < 0 || connect(sender, new Unix(path)) < 0) return -errno();

  const control = new ControlData(CONTROL_SIZE);
  const message = new Messages();
  message.set(0, new Uint8Array(1), null, control);
  if (message.receive(sender) < 0) return -errno();
  const fds = control.rights();
  if (fds.length != 1) return -Errno.EBADMSG;

  const peer = getpeername(fds[0]);
  if (peer == null) return -errno();
  console.log("serving " + peer.toString());
  const port = fdToPort(fds[0]);
  for (let line = port.readLine(); line != null; line = port.readLine()) {
    port.writeText(line.toUpperCase() + "\n");
  }
  port.close();
  return close(sender) < 0 ? -errno() : 0;
}
