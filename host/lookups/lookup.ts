// What a look-up is, whoever asks. Its request is one piece of native memory with all that libc is given pointers to,
// codec/lookup.ts: nothing ends a thread that asks, so whoever does not wait any more leaves its request alone.

import { clib } from "../libc.js";
import { marshal } from "../marshal.js";
import { scratch } from "../scratch.js";

const { INT_SIZE, LookUp: at, native_gaicb } = marshal;
const POINTER_SIZE = 2 * INT_SIZE;

/**
 * How the answer of a look-up is waited for: in the call, by a thread that asks itself and that nobody can end; in
 * slices, by a thread that somebody may end; by poll(2) of the descriptor that becomes readable, in a thread that may
 * have no event loop meanwhile; or by the event loop.
 */
export type Waiting = "call" | "slices" | "poll" | "loop";

/** What an answer is. */
export interface Answer {
  /** 0, or a negative EAI code. */
  readonly code: number;
  /** The error number behind EAI_SYSTEM. */
  readonly errno: number;
  /** The native address of a struct addrinfo, which whoever got it frees; 0 for none. */
  readonly list: number;
}

/** A look-up that is under way. */
export abstract class LookUp {
  /**
   * @param name what is looked up, for whoever takes the answer
   * @param native the descriptor that becomes readable when it is done, -1 for none
   * @param request the native address of what codec/lookup.ts describes
   */
  constructor(
    readonly name: string,
    readonly native: number,
    readonly request: number,
  ) {}

  /** Whether the answer is there. */
  abstract get done(): boolean;

  /** Waits for a slice: whether the answer is there. */
  abstract suspend(): boolean;

  /** Has the event loop call a function once the answer is there; absent where the descriptor tells. */
  whenDone?(tell: () => void): void;
}

/** The look-ups of one guest. */
export interface LookUps {
  /** Whether one that is waited for like this is begun: else whoever waits asks in the call itself. */
  begins(waiting: Waiting): boolean;

  /**
   * Starts a look-up of the name at the start of the `text` scratch area, with the hints in `entry`.
   *
   * @param name the same as text, for whoever takes the answer
   * @param service where the service is in the `text` area, 0 for none
   * @param textLength bytes of both, their NULs included
   * @param hasHints whether there are hints
   * @param waiting how the answer is waited for, one that `begins`
   * @returns the look-up; or what it failed of at once, EAI_AGAIN where there are too many, or `dispose` was called
   */
  begin(
    name: string,
    service: number,
    textLength: number,
    hasHints: boolean,
    waiting: Waiting,
  ): LookUp | Answer;

  /** Whether none may be begun now: there are too many, or `dispose` was called. */
  readonly full: boolean;

  /** Takes the answer of a look-up that is done. */
  finish(lookUp: LookUp): Answer;

  /** Waits for a look-up no more. */
  abandon(lookUp: LookUp): void;

  /** Begins no more, and leaves those to themselves that nobody waits for; the others are somebody's still. */
  dispose(): void;
}

/** What stands in the place of a descriptor that is closed. */
export const CLOSED = -1;

/** An answer that there is none. */
export function failure(code: number, errno = 0): Answer {
  return { code, errno, list: 0 };
}

/** The answer of a request, a native address; 0 for none. */
export function listOf(request: number): number {
  clib.memcpy(scratch.value, request + at.gaicb + native_gaicb.ar_result, POINTER_SIZE);
  return marshal.nativePointer(marshal.value);
}

/** Frees a request that nobody reads or writes any more, and its answer. */
export function freeRequest(request: number): void {
  const list = listOf(request);
  if (list !== 0) clib.freeaddrinfo(list);
  clib.free(request);
}
