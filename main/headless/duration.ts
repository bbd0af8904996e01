/** Durations and moments as people type and read them. */

/** A duration like `90s`, `10m`, `24h`, `7d` in milliseconds; undefined for anything else. */
export function milliseconds(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text);
  const unit = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match?.[2] ?? ''];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

/** A moment in milliseconds since 1970, as UTC to the second. */
export function moment(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
