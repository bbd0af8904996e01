/** Where the agent keeps things on its node; the same on every node, so that each can be found by hand. */

export const PATHS = {
  /** What it is in the cluster: key and certificate, the authority's certificate, the cluster's key and map. Root's alone. */
  identity: '/etc/mosview',
  /** What lives until the node restarts: sockets, jobs, images in transit. A tmpfs. */
  run: '/run/mosview',
  /** The same tree as openMosix' /proc/hpc. */
  files: '/run/mosview/hpc',
  /** Where `mos` finds the agent. */
  socket: '/run/mosview/agent.sock',
  /** Jobs that are here: their records, and their images while they move (0700). */
  jobs: '/run/mosview/jobs',
  /** What is kept for the desktop while none is attached. */
  records: '/var/lib/mosview',
} as const;
