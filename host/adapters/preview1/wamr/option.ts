// WAMR's options: a function to get and one to set each of them.

import type { Descriptor } from "../../../descriptors.js";
import { Errno, marshal, marshalBytes } from "../../../marshal.js";
import { setWord } from "../../../scratch.js";
import { getsockopt, setsockopt } from "../../../syscalls/option.js";
import { errnoOf, type Frame } from "../frame.js";

const { EFAULT } = Errno;
const { INT_SIZE, IP, IPV6, SO, SOL, TCP, block, linger, text, timeval, wamr_addr_ip } = marshal;

/** Bytes of what a getter gives. */
const BYTE = 1;
const LONG = 2 * INT_SIZE;

/** Options whose value is a number: the bytes that the guest has for it. */
// prettier-ignore
const NUMBERS: Readonly<Record<string, readonly [level: number, option: number, size: number]>> = {
  broadcast: [SOL.SOCKET, SO.BROADCAST, BYTE],
  ip_multicast_ttl: [SOL.IP, IP.MULTICAST_TTL, BYTE],
  ip_ttl: [SOL.IP, IP.TTL, BYTE],
  ipv6_only: [SOL.IPV6, IPV6.V6ONLY, BYTE],
  keep_alive: [SOL.SOCKET, SO.KEEPALIVE, BYTE],
  recv_buf_size: [SOL.SOCKET, SO.RCVBUF, INT_SIZE],
  reuse_addr: [SOL.SOCKET, SO.REUSEADDR, BYTE],
  reuse_port: [SOL.SOCKET, SO.REUSEPORT, BYTE],
  send_buf_size: [SOL.SOCKET, SO.SNDBUF, INT_SIZE],
  tcp_fastopen_connect: [SOL.TCP, TCP.FASTOPEN_CONNECT, BYTE],
  tcp_keep_idle: [SOL.TCP, TCP.KEEPIDLE, INT_SIZE],
  tcp_keep_intvl: [SOL.TCP, TCP.KEEPINTVL, INT_SIZE],
  tcp_no_delay: [SOL.TCP, TCP.NODELAY, BYTE],
  tcp_quick_ack: [SOL.TCP, TCP.QUICKACK, BYTE],
};

/** Options whose value is a time. */
const TIMES: Readonly<Record<string, number>> = {
  recv_timeout: SO.RCVTIMEO,
  send_timeout: SO.SNDTIMEO,
};

type Call = (...args: never[]) => number;

/** The functions of one guest. */
export function optionCalls(frame: Frame): Record<string, Call> {
  const { guest, memory } = frame;

  /** Makes a function of what is done with a socket: a result, or -errno. */
  function ofSocket<Args extends unknown[]>(
    call: (descriptor: Descriptor, ...args: Args) => number,
  ) {
    return (fd: number, ...args: Args): number => {
      const descriptor = frame.socket(fd);
      const result = descriptor === undefined ? frame.noSocket(fd) : call(descriptor, ...args);
      return errnoOf(result);
    };
  }

  /** getsockopt(2), and then what is made of the value in the `block` scratch area where there is one. */
  function get(
    descriptor: Descriptor,
    level: number,
    option: number,
    capacity: number,
    give: () => void,
  ): number {
    setWord(block, 0); // some values are one byte
    const result = getsockopt(guest, descriptor, level, option, capacity);
    if (result >= 0) give();
    return result;
  }

  function setNumber(descriptor: Descriptor, level: number, option: number, value: number): number {
    setWord(block, value);
    return setsockopt(guest, descriptor, level, option, INT_SIZE);
  }

  const calls: Record<string, Call> = {};
  for (const [name, [level, option, size]] of Object.entries(NUMBERS)) {
    calls[`sock_get_${name}`] = ofSocket((descriptor, out: number) => {
      if (!memory.holds(out, size)) return -EFAULT;
      return get(descriptor, level, option, INT_SIZE, () => {
        memory.write(out, size, marshalBytes, block);
      });
    });
    calls[`sock_set_${name}`] = ofSocket((descriptor, value: number) =>
      setNumber(descriptor, level, option, value),
    );
  }
  for (const [name, option] of Object.entries(TIMES)) {
    calls[`sock_get_${name}`] = ofSocket((descriptor, out: number) => {
      if (!memory.holds(out, LONG)) return -EFAULT;
      return get(descriptor, SOL.SOCKET, option, timeval.sizeof, () => {
        marshal.wamrStoreMicroseconds();
        memory.write(out, LONG, marshalBytes, block);
      });
    });
    calls[`sock_set_${name}`] = ofSocket((descriptor, microseconds: bigint) => {
      marshal.wamrTimeout(microseconds);
      return setsockopt(guest, descriptor, SOL.SOCKET, option, timeval.sizeof);
    });
  }

  /** IP_MULTICAST_LOOP or IPV6_MULTICAST_LOOP. */
  const loopOf = (ipv6: number): readonly [level: number, option: number] =>
    ipv6 === 0 ? [SOL.IP, IP.MULTICAST_LOOP] : [SOL.IPV6, IPV6.MULTICAST_LOOP];

  const membership = (joins: boolean) =>
    ofSocket((descriptor, group: number, interface_: number) => {
      if (!memory.read(group, wamr_addr_ip.sizeof, marshalBytes, text)) return -EFAULT;
      const size = marshal.wamrGroup(text, interface_);
      const level = marshal.wamrGroupLevel(text);
      return setsockopt(guest, descriptor, level, marshal.wamrGroupOption(text, joins), size);
    });

  return {
    ...calls,

    sock_get_linger: ofSocket((descriptor, enabled: number, seconds: number) => {
      if (!memory.holds(enabled, BYTE) || !memory.holds(seconds, INT_SIZE)) return -EFAULT;
      return get(descriptor, SOL.SOCKET, SO.LINGER, linger.sizeof, () => {
        const left = marshal.wamrLingerSeconds();
        setWord(block, left < 0 ? 0 : 1);
        memory.write(enabled, BYTE, marshalBytes, block);
        memory.setInt32(seconds, Math.max(left, 0));
      });
    }),

    sock_set_linger: ofSocket((descriptor, enabled: number, seconds: number) => {
      marshal.wamrLinger(enabled !== 0, seconds);
      return setsockopt(guest, descriptor, SOL.SOCKET, SO.LINGER, linger.sizeof);
    }),

    sock_get_ip_multicast_loop: ofSocket((descriptor, ipv6: number, out: number) => {
      if (!memory.holds(out, BYTE)) return -EFAULT;
      const [level, option] = loopOf(ipv6);
      return get(descriptor, level, option, INT_SIZE, () => {
        memory.write(out, BYTE, marshalBytes, block);
      });
    }),

    sock_set_ip_multicast_loop: ofSocket((descriptor, ipv6: number, value: number) =>
      setNumber(descriptor, ...loopOf(ipv6), value),
    ),

    sock_set_ip_add_membership: membership(true),
    sock_set_ip_drop_membership: membership(false),
  };
}
