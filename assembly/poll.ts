// Readiness for AssemblyScript: poll(2) and epoll(7).

import { EPOLL_CTL } from "./abi/constants";
import { EpollEvent, epoll_event } from "./abi/epoll";
import { Pollfd, pollfd } from "./abi/poll";
import * as bsd from "./bsd";

/** A list of descriptors to wait for, poll(2). */
export class PollList {
  private readonly bytes: StaticArray<u8>;
  private used: i32 = 0;

  /** @param capacity how many descriptors it holds at most */
  constructor(capacity: i32) {
    this.bytes = new StaticArray<u8>(capacity * pollfd.sizeof);
  }

  private at(index: i32): Pollfd {
    return changetype<Pollfd>(changetype<usize>(this.bytes) + index * pollfd.sizeof);
  }

  /** How many descriptors it holds. */
  get length(): i32 {
    return this.used;
  }

  /**
   * Adds a descriptor.
   *
   * @param events POLL.IN, POLL.OUT…, ored
   * @returns its index, -1 where the list is full
   */
  add(fd: i32, events: i32): i32 {
    if ((this.used + 1) * pollfd.sizeof > this.bytes.length) return -1;
    const entry = this.at(this.used);
    entry.fd = fd;
    entry.events = <i16>events;
    return this.used++;
  }

  /** The descriptor at an index. */
  fd(index: i32): i32 {
    return this.at(index).fd;
  }

  /** What the last wait found out about the descriptor at an index: POLL.IN, POLL.HUP…, ored. */
  revents(index: i32): i32 {
    return this.at(index).revents;
  }

  /** Empties the list. */
  clear(): void {
    this.used = 0;
  }

  /**
   * Waits until one of the descriptors is ready.
   *
   * @param timeout in milliseconds, -1 for none
   * @returns how many have something to tell, 0 where time is up, or -1 with EINTR
   */
  wait(timeout: i32 = -1): i32 {
    return bsd.poll(changetype<usize>(this.bytes), this.used, timeout);
  }
}

/** A set of descriptors that the kernel watches, epoll(7). It owns its descriptor. */
export class Epoll {
  /** Its descriptor, -1 where it could not be made: errno() says why. */
  readonly fd: i32 = bsd.epoll_create1(0);
  private readonly bytes: StaticArray<u8>;
  private readonly event: StaticArray<u8> = new StaticArray<u8>(epoll_event.sizeof);

  /** @param capacity how many events one wait gives at most */
  constructor(readonly capacity: i32 = 64) {
    this.bytes = new StaticArray<u8>(capacity * epoll_event.sizeof);
  }

  private control(operation: i32, fd: i32, events: u32, data: u64): i32 {
    const event = changetype<EpollEvent>(changetype<usize>(this.event));
    event.events = events;
    event.data = data;
    return bsd.epoll_ctl(this.fd, operation, fd, changetype<usize>(this.event));
  }

  /**
   * Adds a descriptor.
   *
   * @param events POLL.IN, POLL.OUT, EPOLL.ET, EPOLL.ONESHOT…, ored
   * @param data what a wait gives for it
   * @returns 0, or -1 with EEXIST, EBADF, EPERM…
   */
  add(fd: i32, events: u32, data: u64): i32 {
    return this.control(EPOLL_CTL.ADD, fd, events, data);
  }

  /** Changes what a descriptor is watched for: 0, or -1 with ENOENT… */
  modify(fd: i32, events: u32, data: u64): i32 {
    return this.control(EPOLL_CTL.MOD, fd, events, data);
  }

  /** Removes a descriptor: 0, or -1 with ENOENT… */
  remove(fd: i32): i32 {
    return this.control(EPOLL_CTL.DEL, fd, 0, 0);
  }

  /**
   * Waits until a descriptor is ready.
   *
   * @param timeout in milliseconds, -1 for none
   * @returns how many events there are, 0 where time is up, or -1 with EINTR
   */
  wait(timeout: i32 = -1): i32 {
    return bsd.epoll_wait(this.fd, changetype<usize>(this.bytes), this.capacity, timeout);
  }

  private at(index: i32): EpollEvent {
    return changetype<EpollEvent>(changetype<usize>(this.bytes) + index * epoll_event.sizeof);
  }

  /** The events of the last wait at an index: POLL.IN, POLL.HUP…, ored. */
  events(index: i32): u32 {
    return this.at(index).events;
  }

  /** What `add` was given for the descriptor of the event at an index. */
  data(index: i32): u64 {
    return this.at(index).data;
  }

  /** Closes the set: 0, or -1. */
  close(): i32 {
    return bsd.close(this.fd);
  }
}
