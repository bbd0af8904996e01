/** The words and options of `mosview agent`. */
import { problem } from '../../common/contract/problem.ts';
import { nodeIdSchema } from '../../common/model/node.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { wholeNumber } from '../../common/model/whole-number.ts';
import type { CommonArguments } from './arguments.ts';

export type AgentCommand = {
  readonly name: 'agent';
  readonly verb: 'install' | 'remove' | 'status';
  /** Nodes of the settings, `[user@]host[:port]`, or only `all`. */
  readonly nodes: readonly string[];
  readonly cluster: string | undefined;
  /** One for each node, in their order. */
  readonly ids: readonly number[] | undefined;
  readonly addresses: readonly string[] | undefined;
  readonly port: number | undefined;
  /** Takes a node that cannot be reached out of the map all the same. */
  readonly forget: boolean;
  readonly yes: boolean;
  /** Only says what it would do. */
  readonly dryRun: boolean;
} & CommonArguments;

/** What its options say, as the shell gave them. */
export interface AgentValues {
  readonly cluster?: string | undefined;
  readonly ids?: string | undefined;
  readonly addresses?: string | undefined;
  readonly port?: string | undefined;
  readonly forget?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly 'dry-run'?: boolean | undefined;
}

export const AGENT_OPTIONS = [
  'cluster',
  'ids',
  'addresses',
  'port',
  'forget',
  'yes',
  'dry-run',
] as const satisfies readonly (keyof AgentValues)[];

/** What each verb takes of them. */
const TAKEN = {
  install: ['cluster', 'ids', 'addresses', 'port', 'yes', 'dry-run'],
  remove: ['cluster', 'forget', 'yes', 'dry-run'],
  status: ['cluster'],
} as const satisfies Record<AgentCommand['verb'], readonly (typeof AGENT_OPTIONS)[number][]>;

export const AGENT_HELP = `  mosview agent install NODE...         makes plain Linux nodes a cluster that moves processes: copies the agent there over
                                        SSH as root, enrols and starts it; again to renew it. It says first what it will do
      --cluster NAME, --ids 1,2,...          which cluster, where there are several; an id for each NODE, the lowest free ones
      --addresses A,B,... --port N           where the other nodes reach them: as SSH did by default, and port 5428
  mosview agent remove NODE... [--forget]  takes it off again; --forget takes a node that is gone out of the map
  mosview agent status [--cluster NAME] the nodes of a cluster of agents, each asked over SSH
      --yes, --dry-run                       without asking; only says what it would do`;

/** Reads `agent` with its verb (`words`). Problems: bad-input. */
export function parseAgent(
  words: readonly string[],
  values: AgentValues,
  common: CommonArguments,
): Result<AgentCommand> {
  const [verb = '', ...nodes] = words;
  if (!isVerb(verb)) return bad(`agent takes install, remove or status, not "${verb}"`);
  if (common.demoNodes !== undefined)
    return bad('The nodes of a demo are no machines that an agent could be on');
  const taken: readonly string[] = TAKEN[verb];
  const foreign = AGENT_OPTIONS.find((option) => values[option] !== undefined && !taken.includes(option));
  if (foreign !== undefined) return bad(`agent ${verb} takes no --${foreign}`);
  if (verb === 'status' && nodes.length > 0)
    return bad(`"${nodes[0]}" is one word too many after agent status`);
  if (verb !== 'status' && nodes.length === 0) {
    return bad(`agent ${verb} takes nodes: of the settings, [user@]host[:port], or all`);
  }
  const port = values.port === undefined ? undefined : wholeNumber(values.port);
  if (port !== undefined && !(port >= 1 && port <= 65_535)) return bad(`"${values.port}" is no port`);
  const ids = values.ids?.split(',').map((text) => wholeNumber(text));
  const wrong = ids?.findIndex((id) => !nodeIdSchema.safeParse(id).success) ?? -1;
  if (wrong >= 0) return bad(`"${values.ids?.split(',')[wrong]}" is no node id: 1 to 65535`);
  return success({
    name: 'agent',
    verb,
    nodes,
    cluster: values.cluster,
    ids,
    addresses: values.addresses?.split(','),
    port,
    forget: values.forget ?? false,
    yes: values.yes ?? false,
    dryRun: values['dry-run'] ?? false,
    ...common,
  });
}

function isVerb(word: string): word is AgentCommand['verb'] {
  return Object.hasOwn(TAKEN, word);
}

function bad(message: string): Result<never> {
  return failure(problem('bad-input', message));
}
