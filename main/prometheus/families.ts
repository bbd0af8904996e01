/** What the endpoint tells: the cluster's present second and the program's own health as metric families. Pure. */
import { BlockView, NODE_STATES } from '../../common/contract/block.ts';
import type { RemoteWriteStatus } from '../../common/contract/outlet-calls.ts';
import type { ClusterTotals } from '../../common/model/cluster.ts';
import { METRICS } from '../../common/model/metric.ts';
import { migrationCauseSchema, type MigrationCause } from '../../common/model/migration.ts';
import type { ConnectionState, NodeInfo } from '../../common/model/node.ts';
import {
  NODE_INFO,
  NODE_METRICS,
  nodeLabels,
  type PrometheusMetric,
  toPrometheus,
  totalsMetrics,
} from './catalogue.ts';
import { extended, type Family, labelText } from './exposition.ts';

/** The program at one moment. */
export interface Snapshot {
  readonly version: string;
  /** The cluster's latest second; undefined before the first. Columns are read through BlockView. */
  readonly second: { readonly totals: ClusterTotals; readonly columns: Float64Array } | undefined;
  readonly nodes: readonly NodeInfo[];
  /** Connections of the nodes in the settings. */
  readonly connections: readonly ConnectionState['kind'][];
  /** Migrations recorded since the program started. */
  readonly migrations: Readonly<Partial<Record<MigrationCause, number>>>;
  readonly history: {
    /** Size of the file with its log. */
    readonly bytes: number;
    /** Seconds that were measured and are not on disk. */
    readonly behind: number;
  };
  /** Undefined where the settings name no server. */
  readonly remoteWrite: RemoteWriteStatus | undefined;
  readonly process: {
    /** Seconds of CPU used since the start. */
    readonly cpuSeconds: number;
    readonly residentBytes: number;
    /** Seconds since 1970. */
    readonly startTime: number;
  };
}

const CONNECTION_KINDS: readonly ConnectionState['kind'][] = [
  'none',
  'queued',
  'connecting',
  'asking',
  'connected',
  'waiting',
  'failed',
];

/** Every family, in a fixed order. Values of nodes that are not up are left out, so that Prometheus sees their end. */
export function families(snapshot: Snapshot): readonly Family[] {
  return [
    ...nodeFamilies(snapshot),
    ...clusterFamilies(snapshot),
    ...ownFamilies(snapshot),
    ...remoteWriteFamilies(snapshot),
  ];
}

function nodeFamilies({ nodes, second }: Snapshot): readonly Family[] {
  const block = new BlockView(second?.columns ?? new Float64Array(0));
  const rows = nodes.map((node) => ({
    node,
    labels: labelText(nodeLabels(node)),
    state: block.state(node.slot),
  }));
  const up = rows.filter(({ state }) => state === 'up');
  return [
    ...METRICS.map((metric, index) =>
      gauge(
        NODE_METRICS[index] as PrometheusMetric,
        up.map(({ node, labels }) => [labels, toPrometheus(block.value(metric.name, node.slot), metric)]),
      ),
    ),
    gauge(
      {
        name: 'mosview_node_state',
        help: 'State of the node: 1 for the state it is in, 0 for the others',
        unit: '',
      },
      rows.flatMap(({ labels, state }) =>
        NODE_STATES.map((one) => [extended(labels, { state: one }), one === state ? 1 : 0] as const),
      ),
    ),
    gauge(
      {
        name: 'mosview_node_age_seconds',
        help: "Age of the node's latest values, also where they are too old to be given here",
        unit: 'seconds',
      },
      rows.map(({ node, labels }) => [labels, block.age(node.slot)]),
    ),
    gauge(
      { name: NODE_INFO, help: 'Id and dialect of the node', unit: '' },
      rows.map(({ node, labels }) => [
        extended(labels, { id: String(node.id), dialect: node.dialect ?? '' }),
        1,
      ]),
    ),
  ];
}

function clusterFamilies({ nodes, second, migrations }: Snapshot): readonly Family[] {
  const block = new BlockView(second?.columns ?? new Float64Array(0));
  const states = nodes.map(({ slot }) => block.state(slot));
  return [
    ...(second === undefined ? [] : totalsMetrics(second.totals)).map(([metric, value]) =>
      gauge(metric, [['', value]]),
    ),
    gauge(
      { name: 'mosview_cluster_nodes', help: 'Nodes by state', unit: '' },
      NODE_STATES.map((state) => [labelText({ state }), count(states, state)]),
    ),
    counter(
      { name: 'mosview_migrations', help: 'Migrations recorded since mosview started, by cause', unit: '' },
      migrationCauseSchema.options.map((cause) => [labelText({ cause }), migrations[cause] ?? 0]),
    ),
  ];
}

function ownFamilies({ version, connections, history, process }: Snapshot): readonly Family[] {
  return [
    gauge(
      {
        name: 'mosview_connections',
        help: 'SSH connections of the nodes in the settings, by state',
        unit: '',
      },
      CONNECTION_KINDS.map((state) => [labelText({ state }), count(connections, state)]),
    ),
    gauge({ name: 'mosview_history_bytes', help: 'Size of the history file with its log', unit: 'bytes' }, [
      ['', history.bytes],
    ]),
    gauge(
      {
        name: 'mosview_history_behind_seconds',
        help: 'Measured seconds that are not on disk yet',
        unit: 'seconds',
      },
      [['', history.behind]],
    ),
    gauge({ name: 'mosview_build_info', help: 'Version of mosview', unit: '' }, [
      [labelText({ version }), 1],
    ]),
    counter({ name: 'process_cpu_seconds', help: 'CPU time used by mosview', unit: 'seconds' }, [
      ['', process.cpuSeconds],
    ]),
    gauge({ name: 'process_resident_memory_bytes', help: 'Resident memory of mosview', unit: 'bytes' }, [
      ['', process.residentBytes],
    ]),
    gauge({ name: 'process_start_time_seconds', help: 'When mosview started, since 1970', unit: 'seconds' }, [
      ['', process.startTime],
    ]),
  ];
}

function remoteWriteFamilies({ remoteWrite }: Snapshot): readonly Family[] {
  if (remoteWrite === undefined) return [];
  return [
    gauge(
      {
        name: 'mosview_remote_write_behind_seconds',
        help: 'Recorded seconds that are not sent to the remote-write server yet',
        unit: 'seconds',
      },
      [['', remoteWrite.behindSeconds]],
    ),
    counter(
      { name: 'mosview_remote_write_samples', help: 'Samples by what the remote-write server did', unit: '' },
      [
        [labelText({ result: 'taken' }), remoteWrite.samplesTaken],
        [labelText({ result: 'refused' }), remoteWrite.samplesRefused],
      ],
    ),
  ];
}

type Description = Pick<Family, 'name' | 'help' | 'unit'>;

function gauge({ name, help, unit }: Description, samples: Family['samples']): Family {
  return { name, type: 'gauge', help, unit, samples };
}

function counter({ name, help, unit }: Description, samples: Family['samples']): Family {
  return { name, type: 'counter', help, unit, samples };
}

function count<Value>(values: readonly Value[], wanted: Value): number {
  return values.filter((value) => value === wanted).length;
}
