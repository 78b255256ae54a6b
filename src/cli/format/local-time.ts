// A moment as the node's own clock has it, for lines that people read.

const two = (n: number): string => String(n).padStart(2, '0');

/** As `ls -l --time-style=long-iso` has it, with seconds. `at`: ISO 8601, or milliseconds since 1970. */
export function localTime(at: string | number): string {
  const time = new Date(at);
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
