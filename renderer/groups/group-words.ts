/** A group in words: by which rule its processes belong to it. */
import type { Group } from '../../common/model/control.ts';
import { assertNever } from '../../common/model/result.ts';
import { count, plainText } from '../words/format.ts';

/** The rule as a sentence. `nameOf` gives a node's name by its key, empty where it is not known. */
export function ruleWords(rule: Group['rule'], nameOf: (key: string) => string): string {
  switch (rule.kind) {
    case 'tree': {
      const node = plainText(nameOf(rule.root.node) || rule.root.node);
      return `Process ${rule.root.pid} of ${node} and all its descendants.`;
    }
    case 'user':
      return `All processes of the user ${plainText(rule.user)}, on every node.`;
    case 'command':
      return `Processes whose command line has "${plainText(rule.pattern)}", on every node.`;
    case 'hand':
      return `${rule.processes.length === 1 ? '1 process' : `${count(rule.processes.length)} processes`}, chosen by hand.`;
    default:
      return assertNever(rule);
  }
}

/** The rule in one word, for the list of groups. */
export const RULE_WORD: Readonly<Record<Group['rule']['kind'], string>> = {
  tree: 'tree',
  user: 'user',
  command: 'command',
  hand: 'by hand',
};

/** Whether only few nodes are asked for its members, so that they can be read again and again. */
export function isOfFewNodes(rule: Group['rule']): boolean {
  return rule.kind === 'tree' || rule.kind === 'hand';
}
