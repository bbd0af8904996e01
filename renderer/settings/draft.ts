/** The retention as it is being edited: texts of fields, checked and read. Pure functions. */
import {
  HISTORY_PARTS,
  type HistoryPart,
  type Keeping,
  type Retention,
} from '../../common/model/retention.ts';

/** What stands in the fields; an empty field is no limit. */
export interface Draft {
  readonly days: Readonly<Record<HistoryPart, string>>;
  readonly megabytes: Readonly<Record<HistoryPart, string>>;
  readonly snapshotSeconds: string;
}

/** Bounds of the fields; those of the contract. */
const LIMITS = { days: { min: 1 / 24, max: 36_500 }, megabytes: { min: 1, max: 100_000_000 } } as const;
const SNAPSHOT = { min: 10, max: 86_400 };

/** The fields of what is stored. */
export function draftOf(retention: Retention, snapshotSeconds: number): Draft {
  const fields = (limit: keyof Keeping): Record<HistoryPart, string> => {
    const entries = HISTORY_PARTS.map((part) => [part, fieldText(retention[part][limit])] as const);
    return Object.fromEntries(entries) as Record<HistoryPart, string>;
  };
  return { days: fields('days'), megabytes: fields('megabytes'), snapshotSeconds: String(snapshotSeconds) };
}

function fieldText(value: number | null): string {
  return value === null ? '' : String(Math.round(value * 1000) / 1000);
}

/** A draft with one field changed. */
export function changed(draft: Draft, part: HistoryPart, limit: keyof Keeping, text: string): Draft {
  return { ...draft, [limit]: { ...draft[limit], [part]: text } };
}

/** What is wrong with a limit, as a sentence; empty where nothing is. */
export function limitTrouble(limit: keyof Keeping, text: string): string {
  if (text.trim() === '') return '';
  const value = Number(text);
  const { min, max } = LIMITS[limit];
  if (Number.isFinite(value) && value >= min && value <= max) return '';
  return limit === 'days'
    ? 'Give days between an hour (0.042) and 36,500, or nothing for no limit.'
    : 'Give megabytes between 1 and 100,000,000, or nothing for no limit.';
}

/** What is wrong with the interval of process lists; empty where nothing is. */
export function snapshotTrouble(text: string): string {
  const value = Number(text);
  const whole = text.trim() !== '' && Number.isInteger(value);
  if (whole && (value === 0 || (value >= SNAPSHOT.min && value <= SNAPSHOT.max))) return '';
  return 'Give whole seconds between 10 and 86,400, or 0 for no lists.';
}

/** A draft as it can be stored. */
export interface Choice {
  readonly retention: Retention;
  readonly snapshotSeconds: number;
}

/** Reads the limits of one part; undefined while one is wrong. */
export function keepingOf(draft: Draft, part: HistoryPart): Keeping | undefined {
  const { days, megabytes } = { days: draft.days[part], megabytes: draft.megabytes[part] };
  if (limitTrouble('days', days) !== '' || limitTrouble('megabytes', megabytes) !== '') return undefined;
  return { days: limitOf(days), megabytes: limitOf(megabytes) };
}

/** Reads a draft; undefined while a field is wrong. */
export function choiceOf(draft: Draft): Choice | undefined {
  const entries = HISTORY_PARTS.map((part) => [part, keepingOf(draft, part)] as const);
  const wrong = entries.some(([, keeping]) => keeping === undefined);
  if (wrong || snapshotTrouble(draft.snapshotSeconds) !== '') return undefined;
  return {
    retention: Object.fromEntries(entries) as Retention,
    snapshotSeconds: Number(draft.snapshotSeconds),
  };
}

function limitOf(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}

/** Whether two choices are the same. */
export function sameChoice(a: Choice, b: Choice): boolean {
  return (
    a.snapshotSeconds === b.snapshotSeconds &&
    HISTORY_PARTS.every(
      (part) =>
        a.retention[part].days === b.retention[part].days &&
        a.retention[part].megabytes === b.retention[part].megabytes,
    )
  );
}
