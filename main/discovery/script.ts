/**
 * The shell text that shows what a node knows of its cluster, and what it prints read into sections. Nothing is changed
 * there; only setpe and mos are started, and only where they are. Builtins of dash, busybox ash and bash 2 do the rest.
 */

/** The sections, each named in the line before it, with the file it is from. */
export const SECTIONS = [
  'map',
  'setpe',
  'mospe',
  'nodes',
  'mattx',
  'agent',
  'enrolled',
  'hostname',
  'hosts',
  'routes',
  'local',
  'ssh',
] as const;
export type SectionName = (typeof SECTIONS)[number];

export interface Section {
  /** The file it is from; empty where it is from none. */
  readonly file: string;
  readonly text: string;
}

const SCRIPT = String.raw`
exec 2>/dev/null < /dev/null
set -f
LC_ALL=C
PATH=$PATH:/sbin:/usr/sbin:/usr/local/sbin:/usr/local/bin

# show NAME FILE: the file as a section; what is longer than any of these files should be is cut.
show() {
  if [ ! -r "$2" ]; then return; fi
  echo "$nonce $1 $2"
  count=0
  while [ $count -lt 20000 ] && { IFS= read -r line || [ -n "$line" ]; }; do
    count=$((count + 1))
    printf '%s\n' "$line"
  done < "$2"
}

for file in "$etc/openmosix.map" "$etc/mosix.map" "$etc/hpc.map"; do
  if [ -r "$file" ]; then show map "$file"; break; fi
done
if command -v setpe > /dev/null; then
  echo "$nonce setpe"
  setpe -r 2>&1
  echo
fi
agents=${'$'}{root%/*}/run/mosview/hpc
for folder in "$root" "$root/hpc" "$root/mosix" "$agents"; do
  if [ -d "$folder/nodes" ] && [ -r "$folder/admin/mospe" ]; then
    show mospe "$folder/admin/mospe"
    echo "$nonce nodes $folder/nodes"
    set +f
    for node in "$folder"/nodes/[1-9]*; do printf '%s\n' "${'$'}{node##*/}"; done
    set -f
    break
  fi
done
for folder in "$root" "$root/mattx"; do
  if [ -f "$folder/nodes" ]; then show mattx "$folder/nodes"; break; fi
done
if [ -d "$etc/mosview" ] && command -v mos > /dev/null; then
  echo "$nonce agent"
  mos status --json
  echo
fi
show enrolled "$etc/mosview/cluster.map"
show hostname /proc/sys/kernel/hostname
show hosts "$etc/hosts"
show routes /proc/net/route
# The own addresses are the leaves of the routing tree that are said to be local.
echo "$nonce local"
count=0
while [ $count -lt 20000 ] && read -r mark address rest; do
  count=$((count + 1))
  case $mark in '|--' | '+--') leaf=$address ;; /32) if [ "$rest" = LOCAL ]; then printf '%s\n' "$leaf"; fi ;; esac
done < /proc/net/fib_trie
echo "$nonce ssh"
printf '%s\n' "$SSH_CONNECTION"
echo "$nonce end"
`;

/** The text for /bin/sh. `nonce` is letters and digits; `root` and `etc` are absolute paths of plain characters. */
export function discoveryScript(nonce: string, root: string, etc = '/etc'): string {
  return `nonce=${nonce} root=${root} etc=${etc}\n{${SCRIPT}}\n`;
}

/** What it printed, by section; undefined where it did not come to its end. */
export function readSections(nonce: string, output: string): ReadonlyMap<SectionName, Section> | undefined {
  const sections = new Map<SectionName, Section>();
  const parts = `\n${output}`.split(`\n${nonce} `).slice(1);
  for (const part of parts) {
    const [head = '', ...lines] = part.split('\n');
    const [name = '', ...file] = head.split(' ');
    if (isSection(name)) sections.set(name, { file: file.join(' '), text: lines.join('\n') });
  }
  return parts.at(-1)?.trim() === 'end' ? sections : undefined;
}

function isSection(name: string): name is SectionName {
  return (SECTIONS as readonly string[]).includes(name);
}
