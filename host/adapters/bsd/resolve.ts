// Names of hosts and interfaces: getaddrinfo, getnameinfo, if_nametoindex, if_indextoname, gethostname.

import { Errno, marshal, marshalBytes } from "../../marshal.js";
import {
  SERVICE_OFFSET,
  abandonLookUp,
  beginLookUp,
  failed,
  finishLookUp,
  gethostname,
  getnameinfo,
  ifIndexToName,
  ifNameToIndex,
  resolverErrno,
} from "../../syscalls/resolve.js";
import type { LookUp, Waiting } from "../../lookups/index.js";
import type { LookUpSteps, Wait } from "../../wait/index.js";
import type { Frame } from "./frame.js";

const { EFAULT, EINVAL, ENAMETOOLONG, ENODEV } = Errno;
const { EAI, IF_NAMESIZE, INT_SIZE, TEXT_SIZE, addrinfo, block, text } = marshal;

/** The imports of one guest. */
export function resolveCalls(frame: Frame, wait: Wait) {
  const { guest, memory } = frame;

  /** Copies what was asked into the scratch areas, and asks libc. */
  function ask(
    waiting: Waiting,
    node: number,
    service: number,
    hints: number,
    out: number,
  ): LookUp | number {
    let nodeLength = 0;
    let serviceText = 0;
    let textLength = 0;
    if (node !== 0) {
      nodeLength = memory.readString(node, TEXT_SIZE, marshalBytes, text);
      if (nodeLength < 0) return failed(EFAULT);
      if (nodeLength === TEXT_SIZE) return EAI.NONAME;
      textLength = nodeLength + 1;
    }
    if (service !== 0) {
      serviceText = text + nodeLength + 1;
      const room = TEXT_SIZE - nodeLength - 1;
      const length = memory.readString(service, room, marshalBytes, serviceText);
      if (length < 0) return failed(EFAULT);
      if (length === room) return EAI.SERVICE;
      textLength = nodeLength + 1 + length + 1;
    }
    if (hints !== 0 && !memory.read(hints, addrinfo.sizeof, marshalBytes, block)) {
      return failed(EFAULT);
    }
    const nodeText = node === 0 ? 0 : text;
    return beginLookUp(
      guest,
      waiting,
      nodeText,
      nodeLength,
      serviceText,
      textLength,
      hints !== 0,
      out,
    );
  }

  /** Leaves the error number behind EAI_SYSTEM where the answer would have been: the code. */
  function explain(code: number, out: number, capacity: number): number {
    if (code === EAI.SYSTEM && capacity >>> 0 >= INT_SIZE && memory.holds(out, INT_SIZE)) {
      memory.setInt32(out, resolverErrno());
    }
    return code;
  }

  /** Writes an answer into the guest's memory: its size, or what getaddrinfo failed of. */
  function deliver(result: number, out: number, capacity: number): number {
    if (result > capacity >>> 0) return result;
    if (result >= 0 && memory.write(out, result, marshalBytes, block)) return result;
    return explain(result >= 0 ? failed(EFAULT) : result, out, capacity);
  }

  const steps: LookUpSteps<LookUp> = {
    begin(waiting, node, service, hints, out, capacity) {
      const begun = ask(waiting, node, service, hints, out);
      return typeof begun === "number" ? deliver(begun, out, capacity) : begun;
    },
    finish: (lookUp, out, capacity) => deliver(finishLookUp(guest, lookUp, out), out, capacity),
    abandon: (lookUp, errno, out, capacity) =>
      deliver(abandonLookUp(guest, lookUp, errno), out, capacity),
  };

  /** Writes the C string at a place in the scratch memory into the guest's, which has room for size bytes. */
  function writeString(pointer: number, size: number, at: number): void {
    const length = marshalBytes.indexOf(0, at) - at + 1;
    if (length <= size >>> 0) memory.write(pointer, length, marshalBytes, at);
  }

  return {
    getaddrinfo: wait.lookUp(steps),

    getnameinfo(
      address: number,
      length: number,
      host: number,
      hostSize: number,
      service: number,
      serviceSize: number,
      flags: number,
    ): number {
      const hostRoom = host === 0 ? 0 : hostSize >>> 0;
      const serviceRoom = service === 0 ? 0 : serviceSize >>> 0;
      const copied = frame.readAddress(address, length);
      if (copied === -EINVAL) return EAI.FAMILY;
      if (copied < 0 || !memory.holds(host, hostRoom) || !memory.holds(service, serviceRoom)) {
        return explain(failed(EFAULT), host, hostRoom);
      }
      const result = getnameinfo(guest, copied, hostRoom, serviceRoom, flags);
      if (result !== 0) return explain(result, host, hostRoom);
      writeString(host, hostRoom, text);
      writeString(service, serviceRoom, text + SERVICE_OFFSET);
      return 0;
    },

    if_indextoname(index: number, name: number): number {
      if (!memory.holds(name, IF_NAMESIZE)) return -EFAULT;
      const length = ifIndexToName(index >>> 0);
      if (length >= 0) writeString(name, IF_NAMESIZE, text);
      return Math.min(length, 0);
    },

    gethostname(name: number, size: number): number {
      if (!memory.holds(name, size)) return -EFAULT;
      const length = gethostname();
      if (length < 0) return length;
      if (length >= size >>> 0) return -ENAMETOOLONG;
      writeString(name, size, text);
      return 0;
    },

    if_nametoindex(name: number): number {
      const length = memory.readString(name, TEXT_SIZE, marshalBytes, text);
      if (length < 0) return -EFAULT;
      return length === TEXT_SIZE ? -ENODEV : ifNameToIndex();
    },
  };
}
