/** `mos mon` while it runs: a table a second and the operator's keys become what is on the screen. */
import type { Result } from '../../common/model/result.ts';
import { afterKey, drawBars, FIRST_CHOICE, shownNodes, type BarNode } from './bars.ts';
import { Terminal, type ScreenOutput } from './terminal.ts';

/** The terminal's two directions: standard input and output, or what a test puts there. */
export interface WatchEnds {
  readonly input: NodeJS.ReadableStream;
  readonly output: ScreenOutput & Pick<NodeJS.EventEmitter, 'on' | 'off'>;
  /** Leaves, as `q` does. */
  readonly stop?: AbortSignal;
}

/** What was typed: an arrow comes as a sequence of its own, letters may come several at once. */
function keysOf(text: string): readonly string[] {
  return text.startsWith('\u001b') ? [text] : text.split('');
}

/**
 * Shows tables of the cluster until `q` (undefined is returned), or until there is a problem or no more, which is returned.
 */
export async function watchCluster(
  tables: AsyncIterable<Result<readonly BarNode[]>>,
  { input, output, stop }: WatchEnds,
): Promise<Result<unknown> | undefined> {
  const terminal = new Terminal(output);
  const left = Promise.withResolvers<undefined>();
  let choice = FIRST_CHOICE;
  let nodes: readonly BarNode[] | undefined;
  const draw = () => {
    if (nodes !== undefined) terminal.show(drawBars(nodes, choice, terminal.size));
  };
  const onKeys = (bytes: Buffer | string) => {
    for (const key of keysOf(bytes.toString())) {
      const next = afterKey(choice, key, shownNodes(nodes ?? [], choice).length);
      if (next === undefined) {
        left.resolve(undefined);
        return;
      }
      choice = next;
    }
    draw();
  };
  const onEnd = () => left.resolve(undefined);
  input.on('data', onKeys).on('end', onEnd);
  output.on('resize', draw);
  stop?.addEventListener('abort', onEnd);
  const reader = tables[Symbol.asyncIterator]();
  try {
    for (;;) {
      const table = await Promise.race([reader.next(), left.promise]);
      if (table === undefined || table.done === true) return undefined;
      if (!table.value.ok) return table.value;
      nodes = table.value.value;
      draw();
    }
  } finally {
    input.off('data', onKeys).off('end', onEnd);
    output.off('resize', draw);
    stop?.removeEventListener('abort', onEnd);
    terminal.close();
  }
}
