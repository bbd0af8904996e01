/** The history's worker thread: hands messages to the writer, one after the other; long reads let appends in between. */
import { setImmediate } from 'node:timers/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { HistoryQueryName } from '../../common/contract/history-queries.ts';
import { assertNever } from '../../common/model/result.ts';
import type { FromWorker, ToWorker, WorkerSetup } from './messages.ts';
import { HistoryWriter } from './writer.ts';

/** Milliseconds without a message after which the writer tidies up, and between tries while nothing can be written. */
const QUIET_MS = 5000;
const RETRY_MS = 1000;

if (parentPort === null) throw new Error('this file is the history worker and runs only as one');
start(parentPort, workerData as WorkerSetup);

function start(port: MessagePort, setup: WorkerSetup): void {
  const send = (message: FromWorker): void => port.postMessage(message);
  const opened = HistoryWriter.open(
    setup.folder,
    (problem) => send({ kind: 'problem', problem }),
    setup.sealSeconds,
  );
  send({ kind: 'opened', problem: opened.ok ? undefined : opened.problem });
  if (!opened.ok) return;
  if (setup.retention !== undefined) opened.value.setRetention(setup.retention);
  serve(port, send, opened.value);
}

function serve(port: MessagePort, send: (message: FromWorker) => void, writer: HistoryWriter): void {
  const reads = new Set<Promise<void>>();
  let flushes: readonly number[] = [];
  let timer: NodeJS.Timeout | undefined;

  /** Answers the flushes whose data is on disk, and looks again later. */
  const settle = (): void => {
    clearTimeout(timer);
    if (!writer.behind) {
      for (const id of flushes) send({ kind: 'done', id });
      flushes = [];
    }
    timer = setTimeout(rest, writer.behind ? RETRY_MS : QUIET_MS);
  };
  const tellCheckpoints = (): void => {
    const checkpoints = writer.newCheckpoints();
    if (checkpoints.length > 0) send({ kind: 'checkpoints', checkpoints });
  };
  const rest = (): void => {
    writer.rest();
    if (writer.behind || flushes.length > 0) settle();
  };
  const answer = async (id: number, name: HistoryQueryName, input: unknown): Promise<void> => {
    const steps = writer.ask(name, input);
    let step = steps.next();
    while (!step.done) {
      await setImmediate();
      step = steps.next();
    }
    send({ kind: 'answer', id, result: step.value });
  };
  const close = async (id: number): Promise<void> => {
    await Promise.all(reads);
    clearTimeout(timer);
    writer.close();
    for (const flush of flushes) send({ kind: 'done', id: flush });
    send({ kind: 'done', id });
    port.close();
  };

  port.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'set-nodes':
        writer.setNodes(message.nodes);
        break;
      case 'append':
        writer.append(message.time, message.values, message.rows);
        send({ kind: 'appended', waiting: writer.waiting });
        tellCheckpoints();
        break;
      case 'flush':
        flushes = [...flushes, message.id];
        break;
      case 'ask': {
        const { id, name, input } = message;
        const reading = answer(id, name, input).finally(() => reads.delete(reading));
        reads.add(reading);
        return;
      }
      case 'record':
        writer.record(message.table, message.rows, (result) =>
          send({ kind: 'recorded', id: message.id, result }),
        );
        if (message.table === 'checkpoints') tellCheckpoints();
        break;
      case 'fill':
        send({ kind: 'filled', id: message.id, result: writer.fill(message.node, message.past) });
        break;
      case 'set-retention':
        writer.setRetention(message.retention);
        return;
      case 'use':
        send({ kind: 'used', id: message.id, result: writer.use() });
        return;
      case 'close':
        void close(message.id);
        return;
      default:
        assertNever(message);
    }
    settle();
  });
}
