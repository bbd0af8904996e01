/**
 * The settings file: which nodes there are and how the cluster is watched. It is the operator's file: what this program
 * does not know in it is kept and said, what is wrong in it is said with its place and kept too.
 */
import { z } from 'zod';
import { nodeEntrySchema, type NodeEntry } from '../../common/contract/contract.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { keepingSchema, snapshotSecondsSchema } from '../../common/model/history.ts';
import { reportScheduleSchema, type ReportSchedule } from '../../common/model/report.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import {
  DEFAULT_RETENTION,
  DEFAULT_SNAPSHOT_SECONDS,
  HISTORY_PARTS,
  type Retention,
} from '../../common/model/retention.ts';
import { prometheusSettingsSchema, type PrometheusSettings } from '../prometheus/settings.ts';
import { readFileIfThere, writeFileWhole } from './files.ts';
import { parseTarget } from './target.ts';

/** The settings besides the nodes, each with its default. */
const settingSchemas = {
  /** How many nodes feed the overview of an openMosix cluster. */
  observers: z.int().min(1).max(16).default(3),
  /** SSH configuration file instead of the user's, as `ssh -F`. */
  sshConfigFile: z.string().optional(),
  /** known_hosts files to read in place of those that the SSH configuration names. */
  knownHostsFiles: z.array(z.string()).optional(),
  /** How long the history is kept, by part; parts that are left out are kept as by default. */
  retention: z.partialRecord(z.enum(HISTORY_PARTS), z.unknown()).default({}),
  /** Seconds between two lists of a node's processes in the history; 0 for none. */
  snapshotSeconds: snapshotSecondsSchema.default(DEFAULT_SNAPSHOT_SECONDS),
  /** Where values go besides the history, and where older ones can be read. */
  prometheus: prometheusSettingsSchema.optional(),
  /** Reports that are made by themselves. */
  reports: z.array(z.unknown()).default([]),
} as const;

/** What the settings say. */
export interface SettingValues {
  readonly observers: number;
  readonly sshConfigFile?: string | undefined;
  readonly knownHostsFiles?: readonly string[] | undefined;
  readonly retention: Retention;
  readonly snapshotSeconds: number;
  readonly prometheus?: PrometheusSettings | undefined;
  readonly reports: readonly ReportSchedule[];
}

type RawObject = Record<string, unknown>;

/** Longest name of a node, as in nodeEntrySchema. */
const LONGEST_NAME = 253;

/** The open settings file. */
export class Settings {
  readonly file: string;
  readonly notices: readonly Problem[];
  #values: SettingValues;
  #raw: RawObject;
  /** The file's text as it was read or written last; undefined where there was none. */
  #text: string | undefined;
  /** The entries as they stand in the file, with what they mean where they are right. */
  #nodes: { readonly raw: unknown; readonly entry: NodeEntry | undefined }[];
  /** Changes are made one after the other, so that none overwrites what the other saved. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(file: string, raw: RawObject, values: SettingValues, notices: readonly Problem[]) {
    this.file = file;
    this.#raw = raw;
    this.#values = values;
    this.#nodes = [];
    this.notices = notices;
  }

  /** Reads the file; one that is not there is an empty one. Problems: bad-input, file-unreadable, permission-denied. */
  static async open(file: string): Promise<Result<Settings>> {
    const text = await readFileIfThere(file);
    if (!text.ok) return text;
    const parsed = parseObject(text.value ?? '{}', file);
    if (!parsed.ok) return parsed;
    const raw = parsed.value;
    const notices: Problem[] = [];
    const values = readValues(raw, file, notices);
    const settings = new Settings(file, raw, values, notices);
    settings.#nodes = readNodes(raw, file, notices);
    settings.#text = text.value;
    return success(settings);
  }

  get values(): SettingValues {
    return this.#values;
  }

  /** The nodes whose entries are right, in the file's order. */
  get nodes(): readonly NodeEntry[] {
    return this.#nodes.flatMap((node) => node.entry ?? []);
  }

  /**
   * Adds entries and gives those that were new; a host that is there already with the same login is left as it is, a name
   * that is taken gets a number. Problems: bad-input, disk-full, permission-denied, file-unreadable.
   */
  add(entries: readonly NodeEntry[]): Promise<Result<readonly NodeEntry[]>> {
    return this.#change(() => {
      const added: NodeEntry[] = [];
      for (const entry of entries) {
        if (this.has(entry)) continue;
        const unique = { ...entry, name: this.#freeName(entry.name) };
        this.#nodes = [...this.#nodes, { raw: unique, entry: unique }];
        added.push(unique);
      }
      return success(added);
    });
  }

  /** Removes the entry with this name. Problems: not-found, disk-full, permission-denied, file-unreadable. */
  remove(name: string): Promise<Result<void>> {
    return this.#change(() => {
      const kept = this.#nodes.filter((node) => node.entry?.name !== name);
      if (kept.length === this.#nodes.length) {
        return failure(problem('not-found', `The settings have no node called ${name}`));
      }
      this.#nodes = kept;
      return success(undefined);
    });
  }

  /** Changes values and saves them. Problems: bad-input, disk-full, permission-denied, file-unreadable. */
  set(values: Partial<SettingValues>): Promise<Result<void>> {
    return this.#change(() => {
      this.#values = { ...this.#values, ...values };
      this.#raw = { ...this.#raw, ...values };
      return success(undefined);
    });
  }

  /** Changes the scheduled reports and saves them; entries that are wrong stay as they are. Problems: as `set`. */
  setReports(reports: readonly ReportSchedule[]): Promise<Result<void>> {
    return this.#change(() => {
      const raw = Array.isArray(this.#raw['reports']) ? (this.#raw['reports'] as unknown[]) : [];
      const wrong = raw.filter((item) => !reportScheduleSchema.safeParse(item).success);
      this.#values = { ...this.#values, reports };
      this.#raw = { ...this.#raw, reports: [...reports, ...wrong] };
      return success(undefined);
    });
  }

  /** Whether the settings lead to this host with this login already. */
  has(entry: NodeEntry): boolean {
    return this.nodes.some(
      (known) =>
        known.host === entry.host &&
        (known.user ?? '') === (entry.user ?? '') &&
        (known.port ?? 22) === (entry.port ?? 22) &&
        (known.jump ?? '') === (entry.jump ?? ''),
    );
  }

  #freeName(wish: string): string {
    const names = new Set(this.nodes.map((node) => node.name));
    if (!names.has(wish)) return wish;
    let number = 2;
    const numbered = (): string => {
      const ending = ` (${number})`;
      return wish.slice(0, LONGEST_NAME - ending.length) + ending;
    };
    while (names.has(numbered())) number += 1;
    return numbered();
  }

  /** Changes nodes or values and saves them; where that fails they are as before. */
  #change<Value>(change: () => Result<Value>): Promise<Result<Value>> {
    const done = this.#turn.then(async () => {
      const [nodes, values, raw] = [this.#nodes, this.#values, this.#raw];
      const changed = change();
      if (!changed.ok) return changed;
      const saved = await this.#save();
      if (saved.ok) return changed;
      [this.#nodes, this.#values, this.#raw] = [nodes, values, raw];
      return saved;
    });
    this.#turn = done;
    return done;
  }

  async #save(): Promise<Result<void>> {
    const present = await readFileIfThere(this.file);
    if (!present.ok) return present;
    if (present.value !== this.#text) {
      return failure(
        problem('bad-input', `${this.file} was changed by somebody else; nothing is saved until a new start`),
      );
    }
    const nodes = this.#raw['nodes'] ?? [];
    if (!Array.isArray(nodes)) {
      return failure(
        problem('bad-input', `${this.file}: "nodes" is no list; correct it by hand, then start again`),
      );
    }
    const document = { ...this.#raw, nodes: this.#nodes.map((node) => node.raw) };
    const text = `${JSON.stringify(document, null, 2)}\n`;
    const written = await writeFileWhole(this.file, text);
    if (written.ok) this.#text = text;
    return written;
  }
}

function parseObject(text: string, file: string): Result<RawObject> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return success({ ...value });
    return failure(problem('bad-input', `${file} holds no JSON object; it should look like {"nodes": []}`));
  } catch (error) {
    return failure(
      problem('bad-input', `${file} is no valid JSON: ${error instanceof Error ? error.message : ''}`),
    );
  }
}

function readValues(raw: RawObject, file: string, notices: Problem[]): SettingValues {
  const known = new Set([...Object.keys(settingSchemas), 'nodes', 'version', '$schema']);
  for (const key of Object.keys(raw)) {
    if (!known.has(key)) {
      notices.push(
        problem('bad-input', `${file}: the key "${key}" is unknown to this version; it is kept, not used`),
      );
    }
  }
  const read = <Schema extends z.ZodType>(
    key: keyof typeof settingSchemas,
    schema: Schema,
  ): z.output<Schema> => {
    const value = schema.safeParse(raw[key]);
    if (value.success) return value.data;
    notices.push(wrongValue(file, [key], value.error));
    return schema.parse(undefined);
  };
  return {
    observers: read('observers', settingSchemas.observers),
    sshConfigFile: read('sshConfigFile', settingSchemas.sshConfigFile),
    knownHostsFiles: read('knownHostsFiles', settingSchemas.knownHostsFiles),
    retention: readRetention(read('retention', settingSchemas.retention), file, notices),
    snapshotSeconds: read('snapshotSeconds', settingSchemas.snapshotSeconds),
    prometheus: read('prometheus', settingSchemas.prometheus),
    reports: readReports(read('reports', settingSchemas.reports), file, notices),
  };
}

/** How long each part is kept; a part that is wrong or left out is kept as by default. */
function readRetention(raw: Readonly<RawObject>, file: string, notices: Problem[]): Retention {
  const parts = HISTORY_PARTS.map((part) => {
    const keeping = keepingSchema.safeParse(raw[part] ?? DEFAULT_RETENTION[part]);
    if (keeping.success) return [part, keeping.data] as const;
    notices.push(wrongValue(file, ['retention', part], keeping.error));
    return [part, DEFAULT_RETENTION[part]] as const;
  });
  return { ...DEFAULT_RETENTION, ...Object.fromEntries(parts) };
}

/** The schedules that are right; each name counts once. */
function readReports(raw: readonly unknown[], file: string, notices: Problem[]): readonly ReportSchedule[] {
  const names = new Set<string>();
  return raw.flatMap((item, index) => {
    const schedule = reportScheduleSchema.safeParse(item);
    const place = `${file}: "reports.${index}`;
    if (!schedule.success) {
      const [issue] = schedule.error.issues;
      const where = [place, ...(issue?.path ?? [])].map(String).join('.');
      notices.push(
        problem('bad-input', `${where}" ${issue?.message ?? 'is wrong'}; this report is not made`),
      );
      return [];
    }
    const { name } = schedule.data;
    if (names.has(name)) {
      notices.push(problem('bad-input', `${place}" is called ${name} as another one; it is not made`));
      return [];
    }
    names.add(name);
    return [schedule.data];
  });
}

/** What is wrong, with its place. */
function wrongValue(file: string, path: readonly string[], { issues }: z.ZodError): Problem {
  const place = [...path, ...(issues[0]?.path ?? [])].map(String).join('.');
  return problem('bad-input', `${file}: "${place}" ${issues[0]?.message ?? 'is wrong'}; the default is used`);
}

function readNodes(
  raw: RawObject,
  file: string,
  notices: Problem[],
): { raw: unknown; entry: NodeEntry | undefined }[] {
  const list = raw['nodes'] ?? [];
  if (!Array.isArray(list)) {
    notices.push(problem('bad-input', `${file}: "nodes" is no list; no node is read from it`));
    return [];
  }
  const names = new Set<string>();
  return (list as unknown[]).map((item, index) => {
    const place = `${file}: nodes[${index}]`;
    const entry = readNode(item, place, notices);
    if (entry === undefined) return { raw: item, entry };
    if (names.has(entry.name)) {
      notices.push(
        problem('bad-input', `${place}: a node called ${entry.name} is there already; this one is not used`),
      );
      return { raw: item, entry: undefined };
    }
    names.add(entry.name);
    return { raw: item, entry };
  });
}

/** One entry: an object, or the target alone as a text. */
function readNode(item: unknown, place: string, notices: Problem[]): NodeEntry | undefined {
  if (typeof item === 'string') {
    const target = parseTarget(item);
    if (target.ok) return target.value;
    notices.push(problem('bad-input', `${place}: ${target.problem.message}`));
    return undefined;
  }
  const named =
    typeof item === 'object' && item !== null && 'host' in item && !('name' in item)
      ? { ...item, name: item.host }
      : item;
  const entry = nodeEntrySchema.safeParse(named);
  if (!entry.success) {
    const issue = entry.error.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? place : `${place}.${issue.path.join('.')}`;
    notices.push(problem('bad-input', `${where}: ${issue?.message ?? 'is wrong'}; this node is not used`));
    return undefined;
  }
  for (const key of Object.keys(named as RawObject)) {
    if (!Object.hasOwn(nodeEntrySchema.shape, key)) {
      notices.push(
        problem('bad-input', `${place}: the key "${key}" is unknown to this version; it is kept, not used`),
      );
    }
  }
  return entry.data;
}
