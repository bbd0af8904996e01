/** The table of dialects: adding one is a folder beside this file and a line here. */
import type { DialectModule } from './decoder.ts';
import { agent } from './agent/agent.ts';
import { linux } from './linux/linux.ts';
import { mattx } from './mattx/mattx.ts';
import { openmosix } from './openmosix/openmosix.ts';
import { openmosix26 } from './openmosix26/openmosix26.ts';

const DIALECTS: readonly DialectModule[] = [openmosix, mattx, openmosix26, agent, linux];

/** The dialect with this name on the wire; undefined for `none` and for names this program does not know. */
export function dialectNamed(name: string | undefined): DialectModule | undefined {
  return DIALECTS.find((dialect) => dialect.name === name);
}
