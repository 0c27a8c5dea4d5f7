/** First and longest wait of a reconnect, milliseconds (push protocol: 0.25 s doubling to 10 s). */
export const first_wait = 250;
export const longest_wait = 10_000;

/** Wait before attempt *failures* + 1: full jitter, so that a thousand tabs do not come back at once. *random*: [0, 1). */
export function reconnect_wait(failures: number, random: number): number {
  const ceiling = Math.min(longest_wait, first_wait * 2 ** Math.min(failures, 20));
  return Math.floor(random * ceiling);
}
