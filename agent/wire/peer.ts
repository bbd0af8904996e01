/**
 * Calls and notices over one stream between two of our processes. Whatever arrives is checked against the table of
 * methods; an answer is a value or a problem, and a stream that ends answers all that is open.
 */
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { problem } from '../../common/contract/problem.ts';
import { problemSchema } from '../../common/contract/problem-schema.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { encodeFrame, FrameReader } from './frames.ts';

/** What one side can be asked: the schema of what is given and of what is answered. */
export type Methods = Readonly<Record<string, { readonly params: z.ZodType; readonly result: z.ZodType }>>;

export type Params<Table extends Methods, Name extends keyof Table> = z.infer<Table[Name]['params']>;
export type Answer<Table extends Methods, Name extends keyof Table> = z.infer<Table[Name]['result']>;

/** Answers every method of a table; `body` are the bytes that came along. */
export type Handlers<Table extends Methods> = {
  readonly [Name in keyof Table]: (
    params: Params<Table, Name>,
    body: Buffer,
  ) => Result<Answer<Table, Name>> | Promise<Result<Answer<Table, Name>>>;
};

const headerSchema = z.union([
  z.object({ call: z.string().max(40), number: z.int().min(0), params: z.unknown() }),
  z.object({ answer: z.int().min(0), value: z.unknown() }),
  z.object({ answer: z.int().min(0), problem: problemSchema }),
]);

/** Number of a call that nobody waits for. */
const NOTICE = 0;
const CALL_MILLISECONDS = 20_000;

interface Waiting {
  readonly result: z.ZodType;
  readonly settle: (result: Result<unknown>) => void;
}

/** One end of the stream: `Ours` is what we answer, `Theirs` what the other side does. */
export class Peer<Ours extends Methods, Theirs extends Methods> {
  readonly #stream: Duplex;
  readonly #ours: Ours;
  readonly #theirs: Theirs;
  readonly #handlers: Handlers<Ours>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #name: string;
  #number = 0;
  #ended = false;
  readonly #end = Promise.withResolvers<void>();

  /** `name` is the other side in words, for problems. */
  constructor(name: string, stream: Duplex, ours: Ours, handlers: Handlers<Ours>, theirs: Theirs) {
    this.#name = name;
    this.#stream = stream;
    this.#ours = ours;
    this.#theirs = theirs;
    this.#handlers = handlers;
    const reader = new FrameReader();
    stream.on('data', (chunk: Buffer) => {
      const frames = reader.read(chunk);
      if (frames === undefined) return this.close();
      for (const { header, body } of frames) {
        const parsed = headerSchema.safeParse(header);
        if (!parsed.success) return this.close();
        if ('call' in parsed.data) void this.#answer(parsed.data, body);
        else this.#settle(parsed.data);
      }
    });
    stream.on('error', () => this.close());
    stream.on('close', () => this.close());
    stream.on('end', () => this.close());
  }

  /** Resolves when the stream has ended. */
  get end(): Promise<void> {
    return this.#end.promise;
  }

  get isOpen(): boolean {
    return !this.#ended;
  }

  /**
   * Asks and waits. Problems: connection-lost (whether it was done is not known), timeout (likewise), protocol-error, and
   * whatever the other side answers.
   */
  async call<Name extends keyof Theirs & string>(
    name: Name,
    params: Params<Theirs, Name>,
    {
      body,
      milliseconds = CALL_MILLISECONDS,
    }: { readonly body?: Buffer; readonly milliseconds?: number } = {},
  ): Promise<Result<Answer<Theirs, Name>>> {
    const method = this.#theirs[name];
    if (method === undefined || this.#ended)
      return failure(problem('connection-lost', `There is no connection to ${this.#name}.`));
    this.#number += 1;
    const number = this.#number;
    const { promise, resolve } = Promise.withResolvers<Result<unknown>>();
    const timer = setTimeout(
      () =>
        this.#settle({
          answer: number,
          problem: problem('timeout', `${this.#name} did not answer in time.`),
        }),
      milliseconds,
    );
    this.#waiting.set(number, { result: method.result, settle: resolve });
    this.#send({ call: name, number, params }, body);
    const answer = await promise;
    clearTimeout(timer);
    return answer as Result<Answer<Theirs, Name>>;
  }

  /** Tells without waiting; nothing is told when the stream has ended. */
  notify<Name extends keyof Theirs & string>(name: Name, params: Params<Theirs, Name>, body?: Buffer): void {
    this.#send({ call: name, number: NOTICE, params }, body);
  }

  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stream.destroy();
    for (const waiting of this.#waiting.values())
      waiting.settle(failure(problem('connection-lost', `The connection to ${this.#name} ended.`)));
    this.#waiting.clear();
    this.#end.resolve();
  }

  #send(header: unknown, body?: Buffer): void {
    if (this.#ended) return;
    this.#stream.cork();
    for (const part of encodeFrame(header, body)) this.#stream.write(part);
    this.#stream.uncork();
  }

  #settle(
    answer: { answer: number; value?: unknown } | { answer: number; problem: z.infer<typeof problemSchema> },
  ): void {
    const waiting = this.#waiting.get(answer.answer);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.answer);
    if ('problem' in answer) return waiting.settle(failure(answer.problem));
    const parsed = waiting.result.safeParse(answer.value);
    waiting.settle(
      parsed.success
        ? success(parsed.data)
        : failure(problem('protocol-error', `${this.#name} answered something else.`, parsed.error.message)),
    );
  }

  async #answer(call: { call: string; number: number; params?: unknown }, body: Buffer): Promise<void> {
    const result = await this.#handle(call.call, call.params, body);
    if (call.number === NOTICE) return;
    this.#send(
      result.ok
        ? { answer: call.number, value: result.value }
        : { answer: call.number, problem: result.problem },
    );
  }

  async #handle(name: string, params: unknown, body: Buffer): Promise<Result<unknown>> {
    const method = Object.hasOwn(this.#ours, name) ? this.#ours[name] : undefined;
    if (method === undefined) return failure(problem('bad-input', `Nothing is called ${name} here.`));
    const parsed = method.params.safeParse(params);
    if (!parsed.success)
      return failure(problem('bad-input', `${name} was asked with wrong values.`, parsed.error.message));
    const handler: Handlers<Ours>[keyof Ours] = this.#handlers[name as keyof Ours];
    return handler(parsed.data as Params<Ours, keyof Ours>, body);
  }
}
