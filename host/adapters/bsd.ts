// Module `bsd_sockets_v1`: BSD's calls as i32 functions over a guest's linear memory, docs of each in
// ARCHITECTURE.md. Here pointers are checked and bytes are copied; what a call means is in ../syscalls.
//
// In every function: the descriptor first (EBADF), then all pointers (EFAULT), then the effect, so that
// a bad pointer never loses a connection or a datagram.

import type { Guest } from "../guest.js";
import { Errno, marshal, marshalBytes } from "../marshal.js";
import type { GuestMemory } from "../memory.js";
import { scratchLength } from "../scratch.js";
import { bind, connect, getpeername, getsockname } from "../syscalls/address.js";
import { accept4, listen } from "../syscalls/listen.js";
import { getsockopt, setsockopt } from "../syscalls/option.js";
import { failed, getaddrinfo, ifNameToIndex, resolverErrno } from "../syscalls/resolve.js";
import { close, fcntl, shutdown, socket, socketpair } from "../syscalls/socket.js";
import { recv, recvfrom, send, sendto } from "../syscalls/transfer.js";
import type { Wait } from "../wait.js";

const { EBADF, EFAULT, EINVAL, ENODEV } = Errno;
const { EAI, POLL, SOCKADDR_MAX, BLOCK_SIZE, TEXT_SIZE, INT_SIZE } = marshal;

/**
 * Makes the imports of one guest.
 *
 * @param guest its descriptors and its policy
 * @param memory its linear memory
 * @param wait what happens where a call has to wait
 */
export function bsdSockets(guest: Guest, memory: GuestMemory, wait: Wait) {
  const { descriptors } = guest;

  /** Copies a sockaddr from the guest into the scratch area: its length, or -errno. */
  function readAddress(pointer: number, length: number): number {
    if (length >>> 0 > SOCKADDR_MAX) return -EINVAL;
    return memory.read(pointer, length, marshalBytes, marshal.address) ? length : -EFAULT;
  }

  /** Whether a sockaddr of the capacity at lengthPointer can be written: 0, or -errno. No address, no length. */
  function checkAddress(pointer: number, lengthPointer: number): number {
    if (pointer === 0) return 0;
    if (!memory.holds(lengthPointer, INT_SIZE)) return -EFAULT;
    const capacity = memory.int32(lengthPointer);
    if (capacity < 0) return -EINVAL;
    return memory.holds(pointer, Math.min(capacity, SOCKADDR_MAX)) ? 0 : -EFAULT;
  }

  /** Writes the sockaddr in the scratch area, cut to the guest's capacity, and its true length. */
  function writeAddress(pointer: number, lengthPointer: number, length: number): void {
    if (pointer === 0) return;
    const capacity = memory.int32(lengthPointer);
    if (capacity > 0)
      memory.write(pointer, Math.min(capacity, length), marshalBytes, marshal.address);
    memory.setInt32(lengthPointer, length);
  }

  /** getsockname and getpeername: their address is not optional. */
  function nameCall(call: typeof getsockname) {
    return (fd: number, pointer: number, lengthPointer: number): number => {
      const descriptor = descriptors.get(fd);
      if (descriptor === undefined) return -EBADF;
      const error = memory.holds(lengthPointer, INT_SIZE)
        ? checkAddress(pointer, lengthPointer)
        : -EFAULT;
      if (error < 0) return error;
      if (pointer === 0 && memory.int32(lengthPointer) !== 0) return -EFAULT;
      const length = call(descriptor);
      if (length < 0) return length;
      writeAddress(pointer, lengthPointer, length);
      return 0;
    };
  }

  const sendNow = (fd: number, buffer: number, size: number, flags: number): number => {
    const descriptor = descriptors.get(fd);
    if (descriptor === undefined) return -EBADF;
    const at = memory.at(buffer, size);
    if (at < 0) return -EFAULT;
    return send(descriptor, at, size >>> 0, flags);
  };

  const recvNow = (fd: number, buffer: number, size: number, flags: number): number => {
    const descriptor = descriptors.get(fd);
    if (descriptor === undefined) return -EBADF;
    const at = memory.at(buffer, size);
    if (at < 0) return -EFAULT;
    return recv(descriptor, at, size >>> 0, flags);
  };

  return {
    socket: (domain: number, type: number, protocol: number): number =>
      socket(guest, domain, type, protocol),

    socketpair(domain: number, type: number, protocol: number, fds: number): number {
      if (!memory.holds(fds, 2 * INT_SIZE)) return -EFAULT;
      const result = socketpair(guest, domain, type, protocol);
      if (result === 0) memory.write(fds, 2 * INT_SIZE, marshalBytes, marshal.block);
      return result;
    },

    close(fd: number): number {
      const descriptor = descriptors.get(fd);
      return descriptor === undefined ? -EBADF : close(guest, fd, descriptor);
    },

    shutdown(fd: number, how: number): number {
      const descriptor = descriptors.get(fd);
      return descriptor === undefined ? -EBADF : shutdown(descriptor, how);
    },

    fcntl(fd: number, command: number, argument: number): number {
      const descriptor = descriptors.get(fd);
      return descriptor === undefined ? -EBADF : fcntl(descriptor, command, argument);
    },

    bind(fd: number, pointer: number, length: number): number {
      const descriptor = descriptors.get(fd);
      if (descriptor === undefined) return -EBADF;
      const copied = readAddress(pointer, length);
      return copied < 0 ? copied : bind(guest, descriptor, copied);
    },

    connect: wait.call((fd, pointer, length) => {
      const descriptor = descriptors.get(fd);
      if (descriptor === undefined) return -EBADF;
      const copied = readAddress(pointer, length);
      return copied < 0 ? copied : connect(guest, descriptor, copied);
    }, POLL.OUT),

    listen(fd: number, backlog: number): number {
      const descriptor = descriptors.get(fd);
      return descriptor === undefined ? -EBADF : listen(guest, descriptor, backlog);
    },

    accept4: wait.call((fd, pointer, lengthPointer, flags) => {
      const descriptor = descriptors.get(fd);
      if (descriptor === undefined) return -EBADF;
      const error = checkAddress(pointer, lengthPointer);
      if (error < 0) return error;
      const accepted = accept4(guest, descriptor, flags);
      if (accepted >= 0) writeAddress(pointer, lengthPointer, scratchLength());
      return accepted;
    }, POLL.IN),

    getsockname: nameCall(getsockname),
    getpeername: nameCall(getpeername),

    send: wait.transfer(sendNow, POLL.OUT),
    recv: wait.transfer(recvNow, POLL.IN),

    sendto: wait.transfer((fd, buffer, size, flags, pointer, length) => {
      if (pointer === 0) return sendNow(fd, buffer, size, flags); // as send(2), whatever the length says
      const descriptor = descriptors.get(fd);
      if (descriptor === undefined) return -EBADF;
      const copied = readAddress(pointer, length);
      if (copied < 0) return copied;
      const at = memory.at(buffer, size);
      if (at < 0) return -EFAULT;
      return sendto(guest, descriptor, at, size >>> 0, flags, copied);
    }, POLL.OUT),

    recvfrom: wait.transfer((fd, buffer, size, flags, pointer, lengthPointer) => {
      if (pointer === 0) return recvNow(fd, buffer, size, flags);
      const descriptor = descriptors.get(fd);
      if (descriptor === undefined) return -EBADF;
      const error = checkAddress(pointer, lengthPointer);
      if (error < 0) return error;
      const at = memory.at(buffer, size);
      if (at < 0) return -EFAULT;
      const received = recvfrom(descriptor, at, size >>> 0, flags);
      if (received >= 0) writeAddress(pointer, lengthPointer, scratchLength());
      return received;
    }, POLL.IN),

    setsockopt(fd: number, level: number, option: number, value: number, length: number): number {
      const descriptor = descriptors.get(fd);
      if (descriptor === undefined) return -EBADF;
      if (length < 0 || length > BLOCK_SIZE) return -EINVAL;
      if (!memory.read(value, length, marshalBytes, marshal.block)) return -EFAULT;
      return setsockopt(guest, descriptor, level, option, length);
    },

    getsockopt(
      fd: number,
      level: number,
      option: number,
      value: number,
      lengthPointer: number,
    ): number {
      const descriptor = descriptors.get(fd);
      if (descriptor === undefined) return -EBADF;
      if (!memory.holds(lengthPointer, INT_SIZE)) return -EFAULT;
      const capacity = memory.int32(lengthPointer);
      if (capacity < 0) return -EINVAL;
      const taken = Math.min(capacity, BLOCK_SIZE);
      if (!memory.holds(value, taken)) return -EFAULT;
      const length = getsockopt(guest, descriptor, level, option, taken);
      if (length < 0) return length;
      memory.write(value, Math.min(length, taken), marshalBytes, marshal.block);
      memory.setInt32(lengthPointer, length);
      return 0;
    },

    getaddrinfo(
      node: number,
      service: number,
      hints: number,
      out: number,
      capacity: number,
    ): number {
      const result = resolve(node, service, hints, out);
      if (result >= 0 && result <= capacity >>> 0) {
        return memory.write(out, result, marshalBytes, marshal.block) ? result : failed(EFAULT);
      }
      // The guest finds the error number behind EAI_SYSTEM where the answer would have been.
      if (result === EAI.SYSTEM && capacity >>> 0 >= INT_SIZE && memory.holds(out, INT_SIZE)) {
        memory.setInt32(out, resolverErrno());
      }
      return result;
    },

    if_nametoindex(name: number): number {
      const length = memory.readString(name, TEXT_SIZE, marshalBytes, marshal.text);
      if (length < 0) return -EFAULT;
      return length === TEXT_SIZE ? -ENODEV : ifNameToIndex();
    },
  };

  function resolve(node: number, service: number, hints: number, out: number): number {
    let nodeLength = 0;
    let serviceText = 0;
    if (node !== 0) {
      nodeLength = memory.readString(node, TEXT_SIZE, marshalBytes, marshal.text);
      if (nodeLength < 0) return failed(EFAULT);
      if (nodeLength === TEXT_SIZE) return EAI.NONAME;
    }
    if (service !== 0) {
      serviceText = marshal.text + nodeLength + 1;
      const room = TEXT_SIZE - nodeLength - 1;
      const length = memory.readString(service, room, marshalBytes, serviceText);
      if (length < 0) return failed(EFAULT);
      if (length === room) return EAI.SERVICE;
    }
    if (hints !== 0 && !memory.read(hints, marshal.addrinfo.sizeof, marshalBytes, marshal.block)) {
      return failed(EFAULT);
    }
    const nodeText = node === 0 ? 0 : marshal.text;
    return getaddrinfo(guest, nodeText, nodeLength, serviceText, hints !== 0, out);
  }
}
