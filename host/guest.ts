// What the host keeps for one guest: its descriptors and its permissions.

import { closeNative } from "./closing.js";
import { DescriptorTable } from "./descriptors.js";
import { Policy, type Allow } from "./policy.js";

/** The limits and permissions of a guest. */
export interface GuestOptions {
  /** What it may reach. */
  readonly allow?: Allow | true | undefined;
  /** How many sockets it may have open at once: 1024. */
  readonly descriptors?: number | undefined;
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

  /** @throws TypeError, RangeError for options that cannot be read */
  constructor({ allow, descriptors }: GuestOptions) {
    this.policy = new Policy(allow);
    if (descriptors !== undefined && !(Number.isInteger(descriptors) && descriptors > 0)) {
      throw new RangeError(`descriptors ${String(descriptors)} is not a positive integer`);
    }
    this.descriptors = new DescriptorTable(descriptors);
    forgotten.register(this, this.descriptors, this);
  }

  /** Closes every socket that is still open. */
  dispose(): void {
    forgotten.unregister(this);
    closeAll(this.descriptors);
  }
}
