// What the host keeps for one guest: its descriptors and its permissions.

import { closeNative } from "./closing.js";
import { DescriptorTable } from "./descriptors.js";
import { currentPlatform, type Platform } from "./platform/index.js";
import { Policy, type Allow } from "./policy.js";
import { preopen } from "./preopen.js";

/** The limits and permissions of a guest. */
export interface GuestOptions {
  /** What it may reach. */
  readonly allow?: Allow | true | undefined;
  /** How many sockets it may have open at once: 1024. */
  readonly descriptors?: number | undefined;
  /** Files that it finds open for sendfile(2): their descriptors count from 3, in this order. */
  readonly preopens?: readonly string[] | undefined;
}

// The net under a guest that nobody disposed: its sockets are closed when it is collected.
const forgotten = new FinalizationRegistry<DescriptorTable>(closeAll);

function closeAll(descriptors: DescriptorTable): void {
  for (const descriptor of descriptors.clear()) closeNative(descriptor);
}

/** One guest of the host. */
export class Guest {
  readonly descriptors: DescriptorTable;
  readonly policy: Policy;

  /**
   * @param platform the machine that it runs on
   * @throws TypeError, RangeError for options that cannot be read; SocketError for a file that cannot be
   *   opened
   */
  constructor(
    { allow, descriptors, preopens = [] }: GuestOptions,
    readonly platform: Platform = currentPlatform(),
  ) {
    this.policy = new Policy(allow);
    if (descriptors !== undefined && !(Number.isInteger(descriptors) && descriptors > 0)) {
      throw new RangeError(`descriptors ${String(descriptors)} is not a positive integer`);
    }
    this.descriptors = new DescriptorTable(descriptors);
    forgotten.register(this, this.descriptors, this);
    if (preopens.length > this.descriptors.room) {
      throw new RangeError(
        `${preopens.length} files are more than ${this.descriptors.room} descriptors`,
      );
    }
    try {
      for (const path of preopens) this.descriptors.add(preopen(path));
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Closes every socket that is still open. */
  dispose(): void {
    forgotten.unregister(this);
    closeAll(this.descriptors);
  }
}
