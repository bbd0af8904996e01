/** Asks the operator in the terminal, one question at a time; where there is no terminal nobody is asked. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { assertNever } from '../../common/model/result.ts';
import type { Prompter, Question } from '../prompter.ts';

/** Questions on standard error, answers from standard input, so that standard output stays clean. */
export class TerminalPrompter implements Prompter {
  #turn: Promise<unknown> = Promise.resolve();

  ask(question: Question, signal: AbortSignal): Promise<readonly string[] | null> {
    if (!hasTerminal()) return Promise.resolve(null);
    const answer = this.#turn.then(() => (signal.aborted ? null : askNow(question, signal)));
    this.#turn = answer;
    return answer;
  }
}

/**
 * Shows a text and asks a yes-or-no question, on the terminal as above; true only for `yes`. Where there is no terminal
 * nobody is asked, and the answer is yes.
 */
export async function confirm(text: string, question: string): Promise<boolean> {
  if (!hasTerminal()) return true;
  say(text);
  const answer = await readLine(question, true, new AbortController().signal).catch(() => '');
  return answer.trim().toLowerCase() === 'yes';
}

function hasTerminal(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

async function askNow(question: Question, signal: AbortSignal): Promise<readonly string[] | null> {
  try {
    switch (question.kind) {
      case 'host-key': {
        const { name, address, keyType, fingerprint, command } = question;
        say(`First contact with ${name} (${address}). It shows the ${keyType} key\n  ${fingerprint}`);
        say(`Check it on the machine itself with\n  ${command}`);
        const answer = await readLine('Accept and remember it (yes/no)? ', true, signal);
        return answer.trim().toLowerCase() === 'yes' ? ['yes'] : null;
      }
      case 'secret': {
        say(
          `${question.title}: ${question.name}${question.instruction === '' ? '' : `\n${question.instruction}`}`,
        );
        const answers: string[] = [];
        for (const field of question.fields)
          answers.push(await readLine(`${field.label} `, field.echo, signal));
        return answers;
      }
      default:
        return assertNever(question);
    }
  } catch {
    return null;
  }
}

/** Hosts choose these words, so control characters are taken out before a terminal sees them. */
function say(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/** Text without control characters other than the line feed. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) => (character === '\n' ? character : '\u{FFFD}'));
}

async function readLine(label: string, echo: boolean, signal: AbortSignal): Promise<string> {
  process.stderr.write(printable(label));
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    output: echo ? process.stderr : silent,
    terminal: true,
  });
  try {
    return await lines.question('', { signal });
  } finally {
    lines.close();
    if (!echo) process.stderr.write('\n');
  }
}
