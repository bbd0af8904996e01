/** /proc/cpuinfo: what the processor can do. A program that found a feature at its start goes on using it wherever it is. */

/** Every feature that all processors of the node have, sorted; x86 calls the line `flags`, ARM `Features`. */
export function parseCpuFlags(text: string): readonly string[] {
  const lines = new Set<string>();
  for (const [, words = ''] of text.matchAll(/^(?:flags|Features)\s*:(.*)$/gm)) lines.add(words);
  const [first = [], ...others] = [...lines].map((words) => words.split(' ').filter(Boolean));
  const sets = others.map((flags) => new Set(flags));
  return first.filter((flag) => sets.every((set) => set.has(flag))).sort();
}
