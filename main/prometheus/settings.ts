/** The key `prometheus` of the settings file: where values go, and where older ones can be read. */
import { isAbsolute } from 'node:path';
import { z } from 'zod';

/** Names of labels that are ours or Prometheus' own. */
const TAKEN_LABELS = new Set(['node', 'key', 'state', 'cause', 'job', 'instance']);

/** A record whose names keep a rule: what is wrong with a name in words, undefined for nothing. */
function named<Value extends z.ZodType>(value: Value, wrong: (name: string) => string | undefined) {
  return z
    .record(z.string(), value)
    .superRefine((record, context) => {
      for (const name of Object.keys(record)) {
        const message = wrong(name);
        if (message !== undefined) context.addIssue({ code: 'custom', message, path: [name] });
      }
    })
    .default({});
}

const headersSchema = named(
  z
    .string()
    .max(8000)
    .regex(/^[\x20-\x7E]*$/, 'must be plain characters of one line'),
  (name) => (/^[A-Za-z0-9-]{1,100}$/.test(name) ? undefined : 'is no name of a header'),
);

const labelsSchema = named(z.string().min(1).max(300), (name) => {
  if (!/^(?!__)[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(name)) return 'is no name of a label';
  return TAKEN_LABELS.has(name) ? 'is a label that mosview sets itself' : undefined;
});

/** How a server is reached. Neither headers nor passwords are ever shown. */
const accessShape = {
  url: z
    .url({ protocol: /^https?$/, message: 'is no http or https address' })
    .max(2000)
    .refine((url) => new URL(url).username === '' && new URL(url).password === '', {
      message: 'holds a user name; write it into basicAuth, with the password in a file',
    }),
  /** Such as X-Scope-OrgID or Authorization. */
  headers: headersSchema,
  basicAuth: z
    .object({
      username: z.string().min(1).max(300),
      /** Its first line is the password; read at every request, so that it can be changed. */
      passwordFile: z.string().max(1000).refine(isAbsolute, 'must be an absolute path'),
    })
    .strict()
    .optional(),
};
/** Seconds between two samples of a series. */
const intervalSchema = z.int().min(1).max(60).default(15);

/** How a server is reached. */
export type ServerAccess = z.output<z.ZodObject<typeof accessShape>>;

export const prometheusSettingsSchema = z
  .object({
    /** Put on every series that is sent, and asked for when reading: `{"cluster": "lab"}`. */
    labels: labelsSchema,
    /** A server that takes remote-write 1.0. */
    remoteWrite: z
      .object({
        ...accessShape,
        intervalSeconds: intervalSchema,
      })
      .strict()
      .optional(),
    /**
     * A server with Prometheus' HTTP API (the address before `/api/v1`), from which times are read that the local history
     * does not have, and how often it has samples.
     */
    read: z
      .object({ ...accessShape, intervalSeconds: intervalSchema })
      .strict()
      .optional(),
  })
  .strict();
export type PrometheusSettings = z.output<typeof prometheusSettingsSchema>;
export type RemoteWriteSettings = NonNullable<PrometheusSettings['remoteWrite']>;
export type ReadSettings = NonNullable<PrometheusSettings['read']>;
