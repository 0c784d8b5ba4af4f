// What the host keeps for one guest: its descriptors and its permissions.

import { closeNative } from "./closing.js";
import { Descriptor, DescriptorTable, type Held } from "./descriptors.js";
import type { Given } from "./given.js";
import { keep } from "./keeping.js";
import { readLimits, type Limits } from "./limits.js";
import { lookUpsOf, type LookUps } from "./lookups/index.js";
import { currentPlatform, type Platform } from "./platform/index.js";
import { Policy, type Allow, type AllowFunction, type Denied } from "./policy/index.js";
import { preopen } from "./preopen.js";

/** The permissions and limits of a guest. */
export interface GuestOptions extends Partial<Limits> {
  /**
   * What it may reach: lists of it, a function that decides on each use, or true for everything, raw sockets and
   * options of the administrator included.
   */
  readonly allow?: Allow | AllowFunction | true | undefined;
  /**
   * Is told of each refusal, before the guest gets its EACCES; of each datagram and connection that was dropped.
   * What it throws is lost.
   */
  readonly onDenied?: ((event: Denied) => void) | undefined;
  /** Files that it finds open for sendfile(2): their descriptors count from 3, in this order. */
  readonly preopens?: readonly string[] | undefined;
}

/** What a guest has of the machine, as numbers in memory that outlives its thread. */
export interface Ledger {
  readonly descriptors: Held;
  readonly lookUps: Float64Array;
}

/** What a guest has of the machine. */
interface Holdings {
  readonly descriptors: DescriptorTable;
  readonly lookUps: LookUps;
}

// The net under a guest that nobody disposed: its sockets are closed when it is collected.
const forgotten = new FinalizationRegistry<Holdings>(giveBack);

function giveBack({ descriptors, lookUps }: Holdings): void {
  for (const descriptor of descriptors.clear()) closeNative(descriptor);
  lookUps.dispose();
}

/** One guest of the host. */
export class Guest implements Holdings {
  readonly descriptors: DescriptorTable;
  readonly lookUps: LookUps;
  readonly policy: Policy;
  readonly limits: Limits;
  /** Whether the ports that its component binds TCP sockets to are those of others like it: SO_REUSEPORT, socket(7). */
  sharesPorts = false;
  readonly #ledger: Ledger | undefined;

  /**
   * @param options its limits and permissions
   * @param platform the machine that it runs on
   * @param ledger where what it has of the machine is written down, for another thread to close
   * @throws TypeError, RangeError for options that cannot be read; SocketError for a file that cannot be
   *   opened
   */
  constructor(
    { allow, onDenied, preopens = [], ...limits }: GuestOptions,
    readonly platform: Platform = currentPlatform(),
    ledger?: Ledger,
  ) {
    this.#ledger = ledger;
    this.limits = readLimits(limits);
    this.policy = new Policy(allow, { onDenied, answers: this.limits.answers });
    this.descriptors = new DescriptorTable(this.limits.descriptors, ledger?.descriptors);
    const requests = ledger?.lookUps ?? new Float64Array(this.limits.lookups);
    this.lookUps = lookUpsOf(platform, requests);
    forgotten.register(this, { descriptors: this.descriptors, lookUps: this.lookUps }, this);
    if (preopens.length > this.descriptors.room) {
      throw new RangeError(
        `${preopens.length} files are more than ${this.descriptors.room} descriptors`,
      );
    }
    try {
      for (const path of preopens)
        this.descriptors.add(preopen(path, (native) => this.own(native)));
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /**
   * Makes a new real descriptor this guest's: it ends with the guest's thread at the latest.
   *
   * @returns its number from now on
   */
  own(native: number): number {
    return this.#ledger === undefined ? keep(native) : native;
  }

  /** Gives the guest a socket that was opened for it, and named by whoever did: its number. There is room for it. */
  give({ native, domain, type, protocol }: Given): number {
    const descriptor = new Descriptor(this.own(native), domain, type, protocol);
    descriptor.bound = true;
    return this.descriptors.add(descriptor);
  }

  /** Closes every socket that is still open. */
  dispose(): void {
    forgotten.unregister(this);
    giveBack(this);
  }
}
