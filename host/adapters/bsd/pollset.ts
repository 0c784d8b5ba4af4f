// Epoll sets made of poll(2): how poll(2) waits for one, and what they learn from the guest's other calls.

import type { Descriptor } from "../../descriptors.js";
import { Errno, marshal } from "../../marshal.js";
import { Members, PollSet, membersOf } from "../../pollset.js";
import type { Call, PollSteps, Result } from "../../wait/index.js";
import type { Frame } from "./frame.js";

const { EAGAIN } = Errno;
const { MSG, POLL, SO, SOCK, SOL, block, pollfd } = marshal;

/** What a set is ready for. */
const READABLE = POLL.IN | POLL.RDNORM;
/** What a receive that leaves nothing behind makes news again, and a send that leaves no room. */
const READS = POLL.IN | POLL.PRI | POLL.RDNORM | POLL.RDBAND;
const WRITES = POLL.OUT | POLL.WRNORM | POLL.WRBAND;
/** Receives of bytes that are no part of a stream. */
const ASIDE = MSG.OOB | MSG.ERRQUEUE;

/**
 * The steps of poll(2) for a list that may hold such sets: the kernel passes them over, and watches their
 * descriptors behind the list.
 */
export function stepsWithSets(frame: Frame, steps: PollSteps): PollSteps {
  const { memory } = frame;
  const members = new Members();

  /** Calls back with each set of a guest's list, the events that are asked for, and its index. */
  function eachSet(
    pollfds: number,
    count: number,
    visit: (set: PollSet, events: number, index: number) => void,
  ): void {
    for (let i = 0; i < count; i++) {
      const at = pollfds + i * pollfd.sizeof;
      const set = frame.descriptor(memory.int32(at + pollfd.fd));
      if (set instanceof PollSet) visit(set, memory.int16(at + pollfd.events) & READABLE, i);
    }
  }

  return {
    members,

    prepare(pollfds, count) {
      let settled = steps.prepare(pollfds, count);
      members.begin(Math.max(count, 0));
      if (settled < 0) return settled;
      eachSet(pollfds, count, (set, events, index) => {
        marshal.pollEntry(block, index, -1, events);
        if (events === 0) return;
        if (set.hasNews) settled++;
        else members.add(set);
      });
      return settled;
    },

    finish(pollfds, count) {
      if (memory.holds(pollfds, count * pollfd.sizeof)) {
        eachSet(pollfds, count, (set, events, index) => {
          marshal.pollFound(block, index, set.hasNews ? events : 0);
        });
      }
      return steps.finish(pollfds, count);
    },

    watched(pollfds, count) {
      return steps
        .watched(pollfds, count)
        .flatMap((watched) =>
          watched.descriptor instanceof PollSet ? membersOf(watched.descriptor) : [watched],
        );
    },
  };
}

/** What a call (fd, b, c, d…) on a watched descriptor tells by its result. */
type Lesson = (descriptor: Descriptor, result: number, b: number, c: number, d: number) => void;

/** Makes events news again. */
function renew({ watchers }: Descriptor, events: number): void {
  for (const watcher of watchers!) watcher.renewed(events);
}

/** A call that failed has taken the socket's error, or has found that it cannot go on. */
function failed(descriptor: Descriptor, result: number, events: number): void {
  renew(descriptor, result === -EAGAIN ? events : POLL.ERR);
}

/**
 * A receive; size is 0 where it is not known. What a connection still has is counted, but for what was cut off;
 * what datagrams are left nobody can tell, and so these are news.
 */
function received(descriptor: Descriptor, result: number, size: number, flags: number): void {
  if (result < 0) failed(descriptor, result, READS);
  else if ((flags & ASIDE) !== 0) renew(descriptor, POLL.PRI | POLL.ERR);
  else if ((flags & MSG.PEEK) === 0) {
    const counted = descriptor.type === SOCK.STREAM || descriptor.type === SOCK.SEQPACKET;
    if (!counted || (result > 0 && result < size)) renew(descriptor, READS);
    for (const watcher of descriptor.watchers!) watcher.received(result);
  }
}

/** A send of so much. */
function sent(descriptor: Descriptor, result: number, size: number): void {
  if (result < 0) failed(descriptor, result, WRITES);
  else if (result < size >>> 0) renew(descriptor, WRITES);
}

const receives: Lesson = (descriptor, result, _b, size, flags) => {
  received(descriptor, result, size >>> 0, flags);
};
const sends: Lesson = (descriptor, result, _b, size) => {
  sent(descriptor, result, size);
};
/** After this the events are news, whatever the result. */
const renews =
  (events: number): Lesson =>
  (descriptor) => {
    renew(descriptor, events);
  };

/** By which calls an edge-triggered set learns what has been done since it told of a descriptor. */
const LESSONS: Partial<Record<string, Lesson>> = {
  recv: receives,
  recvfrom: receives,
  recvmsg: (descriptor, result, _b, flags) => {
    received(descriptor, result, 0, flags);
  },
  recvmmsg: renews(READS | POLL.ERR),
  send: sends,
  sendto: sends,
  sendmsg: (descriptor, result) => {
    sent(descriptor, result, marshal.messageBytes());
  },
  sendmmsg: sends,
  sendfile: (descriptor, result, _b, _c, count) => {
    sent(descriptor, result, count);
  },
  accept4: renews(READS),
  connect: renews(WRITES),
  epoll_wait: renews(READS),
  getsockopt: (descriptor, _result, level, option) => {
    if (level === SOL.SOCKET && option === SO.ERROR) renew(descriptor, POLL.ERR);
  },
};

/** The imports of a guest, so that its sets learn from them. */
export function withLessons<Imports extends object>(frame: Frame, imports: Imports): Imports {
  const entries = Object.entries(imports) as [string, Call][];
  return Object.fromEntries(
    entries.map(([name, call]) => {
      const lesson = LESSONS[name];
      return [name, lesson === undefined ? call : learning(frame, call, lesson)];
    }),
  ) as Imports;
}

function learning(frame: Frame, call: Call, lesson: Lesson): Call {
  return (fd, b, c, d, e, f): Result => {
    const learn = (result: number): number => {
      const descriptor = frame.descriptor(fd);
      if (descriptor?.watchers !== undefined) lesson(descriptor, result, b, c, d);
      return result;
    };
    const result = call(fd, b, c, d, e, f);
    return typeof result === "number" ? learn(result) : result.then(learn);
  };
}
