/**
 * The private keys of one service: each file is read once and unlocked once, however many nodes use it, and stays in
 * memory until the service ends.
 */
import { readFile } from 'node:fs/promises';
import ssh2 from 'ssh2';
import { assertNever } from '../../common/model/result.ts';
import type { Attempt } from './attempt.ts';
import { describeFileError, isAbsent, plainText } from './failure.ts';
import { FileCache } from './file-cache.ts';
import { parseKeyFile, type PrivateKey } from './key-file.ts';
import type { SharedQuestions } from './shared-questions.ts';

/** A key that can be offered: its public half is known, its private half perhaps still locked. */
export interface Identity {
  readonly path: string;
  /** In SSH wire format. */
  readonly publicKey: Buffer;
  /** The private half; asks for the passphrase when needed. Undefined when it could not be had, which is reported. */
  unlock(attempt: Attempt): Promise<PrivateKey | undefined>;
}

interface Loaded {
  readonly text: string;
  readonly publicKey: Buffer | undefined;
  readonly bad: string | undefined;
  key: PrivateKey | undefined;
  /** The passphrase that last failed: trying it is slow by design, and many may wait for the same answer. */
  wrong: string | undefined;
}

const PASSPHRASE_TRIES = 3;

/** Reads, unlocks and keeps keys. */
export class KeyRing {
  readonly #questions: SharedQuestions;
  readonly #files = new FileCache(readKey);

  constructor(questions: SharedQuestions) {
    this.#questions = questions;
  }

  /**
   * The key of a file, or undefined when it cannot be used, which is reported (an absent default file is not worth a
   * word). A passphrase is asked for here only where the format hides the public half too.
   */
  async identity(
    file: { readonly path: string; readonly isDefault: boolean },
    attempt: Attempt,
  ): Promise<Identity | undefined> {
    const { path } = file;
    let loaded: Loaded;
    try {
      loaded = await this.#files.get(path);
    } catch (error) {
      if (!isAbsent(error) || !file.isDefault) attempt.report(`key ${path}: ${describeFileError(error)}`);
      return undefined;
    }
    if (loaded.bad !== undefined) {
      attempt.report(`key ${path} cannot be used: ${plainText(loaded.bad, 300)}`);
      return undefined;
    }
    const publicKey = loaded.publicKey ?? (await this.#unlock(path, loaded, attempt))?.publicKey;
    if (publicKey === undefined) return undefined;
    return { path, publicKey, unlock: (unlocking) => this.#unlock(path, loaded, unlocking) };
  }

  /** Makes the next use of a file look at it again. */
  lookAgain(): void {
    this.#files.lookAgain();
  }

  /** Forgets every key. */
  clear(): void {
    this.#files.clear();
  }

  async #unlock(path: string, loaded: Loaded, attempt: Attempt): Promise<PrivateKey | undefined> {
    const question = `passphrase ${path}`;
    for (let tries = 1; loaded.key === undefined && tries <= PASSPHRASE_TRIES; tries += 1) {
      if (attempt.background) {
        attempt.report(
          `key ${path} is locked; a connection made again by itself does not ask for its passphrase`,
        );
        return undefined;
      }
      const answer = await attempt.asking(`asking for the passphrase of ${path}`, () =>
        this.#questions.ask(
          question,
          {
            kind: 'secret',
            name: path,
            title: `Passphrase for the key ${path}`,
            instruction: tries === 1 ? '' : `That did not open the key. Try ${tries} of ${PASSPHRASE_TRIES}.`,
            fields: [{ label: 'Passphrase', echo: false }],
          },
          attempt.signal,
        ),
      );
      const passphrase = answer?.[0];
      if (passphrase === undefined) {
        attempt.report(`key ${path} stays locked: no passphrase was given`);
        return undefined;
      }
      // Whoever comes first unlocks it for all who waited for the same answer.
      if (loaded.key !== undefined) break;
      if (passphrase !== loaded.wrong) {
        const parsed = parseKeyFile(loaded.text, passphrase);
        if (parsed.kind === 'key') loaded.key = parsed.key;
        else loaded.wrong = passphrase;
      }
      if (loaded.key === undefined) attempt.report(`key ${path}: the passphrase did not open it`);
    }
    if (loaded.key === undefined) this.#questions.refuse(question);
    return loaded.key;
  }
}

async function readKey(text: string, path: string): Promise<Loaded> {
  const parsed = parseKeyFile(text);
  switch (parsed.kind) {
    case 'key':
      return { text, publicKey: parsed.key.publicKey, bad: undefined, key: parsed.key, wrong: undefined };
    case 'encrypted': {
      const publicKey = parsed.publicKey ?? (await publicKeyBeside(path));
      return { text, publicKey, bad: undefined, key: undefined, wrong: undefined };
    }
    case 'bad':
      return { text, publicKey: undefined, bad: parsed.reason, key: undefined, wrong: undefined };
    default:
      return assertNever(parsed);
  }
}

async function publicKeyBeside(path: string): Promise<Buffer | undefined> {
  try {
    const parsed = ssh2.utils.parseKey(await readFile(`${path}.pub`, 'utf8'));
    return parsed instanceof Error ? undefined : parsed.getPublicSSH();
  } catch {
    return undefined;
  }
}
