/**
 * A recorded list of process starts: lines `TIME NODE CPU MEMORY` with seconds since the beginning, the number of the node
 * from 0, CPU seconds at standard speed and peak resident kilobytes. Lines that begin with # are words for people.
 */

export interface TraceLine {
  readonly time: number;
  readonly node: number;
  readonly cpuSeconds: number;
  /** Bytes. */
  readonly memory: number;
}

/** Reads a trace. Throws with file, line and what to write when a line is not as above. */
export function parseTrace(text: string, file: string): readonly TraceLine[] {
  const trace: TraceLine[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const figures = line.trim().split(/\s+/).map(Number);
    const [time = NaN, node = NaN, cpuSeconds = NaN, kilobytes = NaN] = figures;
    if (
      figures.length !== 4 ||
      !(time >= 0 && Number.isInteger(node) && node >= 0 && cpuSeconds > 0 && kilobytes >= 0)
    ) {
      throw new Error(
        `${file}, line ${index + 1}: "${line}" is not four figures. Write seconds, node (0 or more), ` +
          'CPU seconds (more than 0) and kilobytes, with spaces between them.',
      );
    }
    trace.push({ time, node, cpuSeconds, memory: kilobytes * 1024 });
  }
  return trace;
}
