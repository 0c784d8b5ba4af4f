// UDP between two sockets of one guest, many datagrams a call.

import { ControlData, MSG, Messages, SOL, UDP, close, setsockopt } from "wasi-sockets/assembly";
import { must } from "./must";
import { other, pair } from "./udp";

/** Datagrams a call. */
const BATCH = 32;

/** Room for every datagram of a batch: the kernel joins no more than 64 KiB. */
const ROOM = 65535;

/** Sends amount datagrams of size bytes by sendmmsg(2), 32 a call, and receives each batch by recvmmsg(2). */
export function batches(port: i32, amount: f64, size: i32): f64 {
  const from = pair();
  const to = other;
  const out = new Messages(BATCH);
  const back = new Messages(BATCH, false); // as in C
  for (let i = 0; i < BATCH; i++) {
    out.set(i, new Uint8Array(size).fill(0x78));
    back.set(i, new Uint8Array(size));
  }
  let moved: f64 = 0;
  for (let left = <i32>amount; left > 0; left -= BATCH) {
    const sent = must("sendmmsg", out.sendMany(from, min(left, BATCH)));
    for (let got = 0; got < sent;) {
      const count = must("recvmmsg", back.receiveMany(to, sent - got, MSG.WAITFORONE));
      for (let i = 0; i < count; i++) moved += back.length(i);
      got += count;
    }
  }
  close(from);
  close(to);
  return moved;
}

/** The same by one sendmsg(2) with UDP_SEGMENT and recvmsg(2) with UDP_GRO, udp(7). */
export function segments(port: i32, amount: f64, size: i32): f64 {
  const from = pair();
  const to = other;
  must("setsockopt", setsockopt(to, SOL.UDP, UDP.GRO, true));
  const control = new ControlData(16);
  store<u16>(control.add(SOL.UDP, UDP.SEGMENT, sizeof<u16>()), <u16>size);
  const out = new Messages();
  out.set(0, new Uint8Array(BATCH * size).fill(0x78), null, control);
  const back = new Messages(1, false); // as in C
  back.set(0, new Uint8Array(ROOM), null, new ControlData(16));
  let moved: f64 = 0;
  for (let left = amount * size; left > 0; left -= BATCH * size) {
    const sent = must("sendmsg", out.send(from));
    let got = 0;
    while (got < sent) got += must("recvmsg", back.receive(to));
    moved += got;
  }
  close(from);
  close(to);
  return moved;
}
