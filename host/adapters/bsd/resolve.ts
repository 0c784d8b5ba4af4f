// Names of hosts and interfaces: getaddrinfo, if_nametoindex.

import { Errno, marshal, marshalBytes } from "../../marshal.js";
import { failed, getaddrinfo, ifNameToIndex, resolverErrno } from "../../syscalls/resolve.js";
import type { Frame } from "./frame.js";

const { EFAULT, ENODEV } = Errno;
const { EAI, INT_SIZE, TEXT_SIZE, addrinfo, block, text } = marshal;

/** The imports of one guest. */
export function resolveCalls(frame: Frame) {
  const { guest, memory } = frame;

  /** Copies what was asked into the scratch areas, and asks libc. */
  function resolve(node: number, service: number, hints: number, out: number): number {
    let nodeLength = 0;
    let serviceText = 0;
    if (node !== 0) {
      nodeLength = memory.readString(node, TEXT_SIZE, marshalBytes, text);
      if (nodeLength < 0) return failed(EFAULT);
      if (nodeLength === TEXT_SIZE) return EAI.NONAME;
    }
    if (service !== 0) {
      serviceText = text + nodeLength + 1;
      const room = TEXT_SIZE - nodeLength - 1;
      const length = memory.readString(service, room, marshalBytes, serviceText);
      if (length < 0) return failed(EFAULT);
      if (length === room) return EAI.SERVICE;
    }
    if (hints !== 0 && !memory.read(hints, addrinfo.sizeof, marshalBytes, block)) {
      return failed(EFAULT);
    }
    return getaddrinfo(guest, node === 0 ? 0 : text, nodeLength, serviceText, hints !== 0, out);
  }

  return {
    getaddrinfo(
      node: number,
      service: number,
      hints: number,
      out: number,
      capacity: number,
    ): number {
      const result = resolve(node, service, hints, out);
      if (result > capacity >>> 0) return result;
      if (result >= 0 && memory.write(out, result, marshalBytes, block)) return result;
      const code = result >= 0 ? failed(EFAULT) : result;
      // The guest finds the error number behind EAI_SYSTEM where the answer would have been.
      if (code === EAI.SYSTEM && capacity >>> 0 >= INT_SIZE && memory.holds(out, INT_SIZE)) {
        memory.setInt32(out, resolverErrno());
      }
      return code;
    },

    if_nametoindex(name: number): number {
      const length = memory.readString(name, TEXT_SIZE, marshalBytes, text);
      if (length < 0) return -EFAULT;
      return length === TEXT_SIZE ? -ENODEV : ifNameToIndex();
    },
  };
}
