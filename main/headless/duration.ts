/** Durations and moments as people type and read them. */

/** A duration like `90s`, `10m`, `24h`, `7d` in milliseconds; undefined for anything else. */
export function milliseconds(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text);
  const unit = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match?.[2] ?? ''];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

/**
 * A moment as people type it, in milliseconds since 1970: how long before `now` (`7d`), a day (`2026-11-24`, its begin on
 * this machine's clock), a day and time (`2026-11-24T06:00`, with or without a zone); undefined for anything else.
 */
export function typedMoment(text: string, now: number): number | undefined {
  const back = milliseconds(text);
  if (back !== undefined) return now - back;
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  if (match === null) return undefined;
  const [, day = '', clock = '00:00', zone = ''] = match;
  const time = Date.parse(`${day}T${clock}${zone}`);
  // A 31st of February would be taken for one of March.
  const begin = Date.parse(`${day}T00:00Z`);
  const isDay = !Number.isNaN(begin) && new Date(begin).toISOString().startsWith(day);
  return Number.isNaN(time) || !isDay ? undefined : time;
}

/** A moment in milliseconds since 1970, as UTC to the second. */
export function moment(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
