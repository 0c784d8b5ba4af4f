/**
 * struct gaicb, one look-up of getaddrinfo_a(3), as the 64-bit kernel's libc lays it out. What follows
 * the result is libc's own.
 *
 *      0      8         16        24       32         56
 *      +------+---------+---------+--------+----------+
 *      | name | service | request | result | reserved |
 *      +------+---------+---------+--------+----------+
 */
@unmanaged
export class NativeGaicb {
  ar_name: u64;
  ar_service: u64;
  ar_request: u64;
  ar_result: u64;
  private reserved0: u64;
  private reserved1: u64;
  private reserved2: u64;
}

export const enum native_gaicb {
  ar_name = offsetof<NativeGaicb>("ar_name"),
  ar_service = offsetof<NativeGaicb>("ar_service"),
  ar_request = offsetof<NativeGaicb>("ar_request"),
  ar_result = offsetof<NativeGaicb>("ar_result"),
  sizeof = offsetof<NativeGaicb>(),
}

/**
 * struct timespec, nanosleep(2), on the same machines.
 *
 *      0         8             16
 *      +---------+-------------+
 *      | seconds | nanoseconds |
 *      +---------+-------------+
 */
@unmanaged
export class NativeTimespec {
  tv_sec: i64;
  tv_nsec: i64;
}

export const enum native_timespec {
  tv_sec = offsetof<NativeTimespec>("tv_sec"),
  tv_nsec = offsetof<NativeTimespec>("tv_nsec"),
  sizeof = offsetof<NativeTimespec>(),
}

/**
 * struct sigevent, sigevent(7), how libc tells that something is done, on the same machines. With
 * SIGEV_THREAD it calls a function with the value, in a thread of its own.
 *
 *      0       8       12       16         24           32         64
 *      +-------+-------+--------+----------+------------+----------+
 *      | value | signo | notify | function | attributes | reserved |
 *      +-------+-------+--------+----------+------------+----------+
 */
@unmanaged
export class NativeSigevent {
  sigev_value: u64;
  sigev_signo: i32;
  sigev_notify: i32;
  sigev_notify_function: u64;
  sigev_notify_attributes: u64;
  private reserved0: u64;
  private reserved1: u64;
  private reserved2: u64;
  private reserved3: u64;
}

export const enum native_sigevent {
  sigev_value = offsetof<NativeSigevent>("sigev_value"),
  sigev_signo = offsetof<NativeSigevent>("sigev_signo"),
  sigev_notify = offsetof<NativeSigevent>("sigev_notify"),
  sigev_notify_function = offsetof<NativeSigevent>("sigev_notify_function"),
  sigev_notify_attributes = offsetof<NativeSigevent>("sigev_notify_attributes"),
  sizeof = offsetof<NativeSigevent>(),
}
