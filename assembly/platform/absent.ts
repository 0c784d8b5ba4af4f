/** What a system does not have: no number that any of them gives. */
export const ABSENT: i32 = i32.MIN_VALUE;
