/** What a MattX node says of itself, from the eight texts of the operation `settings`. Pure; the lists are hostile text. */
import { LIST_TEXT, type MattxList } from '../../common/model/mattx.ts';
import type { MattxCommand, OperationReply } from '../../common/wire/operations.ts';

/** One of the lists as it stands on the node. */
export interface ListNow {
  /** To be shown: at most 300 characters, without control characters. */
  readonly text: string;
  /** For the operation `pins`: the list itself, or only its length where it holds more than names. */
  readonly token: string;
  /** Whether it holds only what mosview would write. */
  readonly isPlain: boolean;
}

/** Null where a text is not what MattX prints. */
export interface MattxSettings {
  readonly commands: Readonly<Record<MattxCommand, string | null>>;
  readonly lists: Readonly<Record<MattxList, ListNow | null>>;
}

/** Reads a reply to `settings`; undefined for any other one. */
export function mattxSettings(reply: OperationReply | undefined): MattxSettings | undefined {
  if (reply?.kind !== 'text') return undefined;
  const [, , balancer = '', files = '', debug = '', affinity = '', exclude = '', include = ''] = reply.texts;
  return {
    commands: {
      balancer: switchOf(balancer, 'YES', 'NO'),
      mattxfs: switchOf(files, 'YES', 'NO'),
      debug: switchOf(debug, 'ON', 'OFF'),
      affinity: /^\d{1,10}$/.test(affinity) ? String(Number(affinity)) : null,
    },
    lists: { exclude: listOf(exclude), include: listOf(include) },
  };
}

function switchOf(text: string, on: string, off: string): string | null {
  return text === on ? '1' : text === off ? '0' : null;
}

/** LENGTH WORDS; the length tells whether characters were lost on the way here. */
function listOf(text: string): ListNow | null {
  const [, length, words = ''] = /^(\d{1,9})(?: (.*))?$/s.exec(text) ?? [];
  if (length === undefined) return null;
  const isPlain = words.length === Number(length) && LIST_TEXT.test(words);
  return { text: words, token: isPlain ? `=${words}` : `?${length}`, isPlain };
}
