/** Reads OpenSSH client configuration files with their `Include`s into one text, and the hosts they name. */
import { glob, readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { describeFileError, isAbsent } from './failure.ts';

/** Configuration files in the order ssh reads them. */
export interface ConfigFiles {
  /** The files' lines, each Include replaced by what it names. */
  readonly lines: readonly string[];
  /** Files that could not be read (others than an absent first one), and loops. */
  readonly complaints: readonly string[];
  /** False when none of the files asked for exists. */
  readonly found: boolean;
}

const DEEPEST_INCLUDE = 16;
const MOST_LINES = 200_000;

/** Reads the files. Relative Includes are looked up in `~/.ssh`, those of a system file beside it, as ssh does. */
export async function readConfigFiles(files: readonly string[], home: string): Promise<ConfigFiles> {
  const lines: string[] = [];
  const complaints: string[] = [];
  let found = false;

  async function read(file: string, includeFolder: string, depth: number): Promise<void> {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
      found = true;
    } catch (error) {
      if (depth > 0 || !isAbsent(error)) complaints.push(`${file}: ${describeFileError(error)}`);
      return;
    }
    let section: string | undefined;
    for (const line of text.split(/\r?\n/)) {
      const [directive, value] = splitDirective(line);
      if (directive !== 'include') {
        if (directive === 'host' || directive === 'match') section = line;
        if (lines.length < MOST_LINES) lines.push(line);
        continue;
      }
      if (depth >= DEEPEST_INCLUDE) {
        complaints.push(`${file}: Include is nested too deeply`);
        continue;
      }
      for (const word of splitWords(value)) {
        const pattern = word.replace(/^~(?=\/)/, home);
        const path = isAbsolute(pattern) ? pattern : join(includeFolder, pattern);
        const names: string[] = [];
        for await (const name of glob(path)) names.push(name);
        for (const name of names.sort()) await read(name, includeFolder, depth + 1);
      }
      // After the included lines the section around the Include goes on.
      lines.push(section ?? 'Host *');
    }
  }

  for (const file of files) {
    const own = dirname(file) === join(home, '.ssh') || !file.startsWith('/etc/');
    if (lines.length > 0) lines.push('Host *');
    await read(file, own ? join(home, '.ssh') : dirname(file), 0);
  }
  if (lines.length >= MOST_LINES) complaints.push(`more than ${MOST_LINES} lines; the rest is not read`);
  return { lines, complaints, found };
}

/** Directive in lower case and value of a line; both empty for comments and blank lines. */
export function splitDirective(line: string): readonly [directive: string, value: string] {
  const match = /^\s*([A-Za-z]\w*)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line);
  return [match?.[1]?.toLowerCase() ?? '', match?.[2] ?? ''];
}

/** The words of a value; double quotes hold a word together. */
export function splitWords(value: string): readonly string[] {
  return [...value.matchAll(/"([^"]*)"|([^\s"]+)/g)].map((match) => match[1] ?? match[2] ?? '');
}

/** Names that `Host` lines give without wildcards, in their order, each once. */
export function namedHosts(lines: readonly string[]): readonly string[] {
  const names = new Set<string>();
  for (const line of lines) {
    const [directive, value] = splitDirective(line);
    if (directive !== 'host') continue;
    for (const word of splitWords(value)) {
      if (word.startsWith('#')) break;
      if (!/[*?!]/.test(word)) names.add(word);
    }
  }
  return [...names];
}
