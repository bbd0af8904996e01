/** The parsers on texts as real kernels print them. */
import { expect, test } from 'vitest';
import { parseDescriptorInfo } from './fdinfo.ts';
import { parseMaps } from './maps.ts';
import { parseCpuFlags } from './processor.ts';
import { parseNetworkTable, parseUnixPeers, parseUnixTable } from './sockets.ts';
import { targetKind } from './target-kind.ts';

test('maps: private memory and the pages of the kernel are no mappings; a path may hold anything', () => {
  const text = [
    '55f97a3ea000-55f97a40b000 rw-p 00000000 00:00 0                          [heap]',
    '7ff5445b2000-7ff5445b6000 r--p 00000000 00:00 0                          [vvar]',
    '7ff5445a8000-7ff5445af000 r--s 00000000 fe:00 338846                     /usr/lib/gconv-modules.cache',
    '7f0000000000-7f0000001000 rw-s 00000000 00:1b 12                         /dev/shm/two words\\012 (deleted)',
    '7f0000002000-7f0000003000 rw-s 00000000 00:01 1030                       /dev/zero (deleted)',
    '',
  ].join('\n');
  expect(parseMaps(text)).toEqual([
    {
      range: '7ff5445a8000-7ff5445af000',
      writable: false,
      shared: true,
      identity: 'fe:00 338846',
      target: '/usr/lib/gconv-modules.cache',
    },
    {
      range: '7f0000000000-7f0000001000',
      writable: true,
      shared: true,
      identity: '00:1b 12',
      target: '/dev/shm/two words\n (deleted)',
    },
    {
      range: '7f0000002000-7f0000003000',
      writable: true,
      shared: true,
      identity: '00:01 1030',
      target: '/dev/zero (deleted)',
    },
  ]);
});

test('fdinfo: the way it was opened, its mount and its locks', () => {
  const text =
    'pos:\t0\nflags:\t0100000\nmnt_id:\t27\nino:\t2146316\nlock:\t1: FLOCK  ADVISORY  WRITE 6265 fe:00:2146316 0 EOF\n';
  expect(parseDescriptorInfo(text)).toEqual({
    use: 'read',
    mount: 27,
    inode: '2146316',
    locks: ['FLOCK  ADVISORY  WRITE 6265 fe:00:2146316 0 EOF'],
  });
  const uses = ['0100001', '0100002', '0102001', '0102002', '0100000'];
  expect(uses.map((flags) => parseDescriptorInfo(`flags:\t${flags}\nmnt_id:\t1\n`).use)).toEqual([
    'write',
    'write',
    'append',
    'append',
    'read',
  ]);
});

test('fdinfo: the process that a pidfd stands for', () => {
  expect(parseDescriptorInfo('flags:\t02000002\nmnt_id:\t15\nPid:\t4711\nNSpid:\t4711\t101\n').process).toBe(
    4711,
  );
  expect(parseDescriptorInfo('flags:\t02000002\nPid:\t-1\nNSpid:\t-1\n').process).toBe(-1);
});

test('sockets: every table has its inode where it has it, and addresses can be read', () => {
  const tcp =
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n' +
    '   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 184 1 00000000a05e13bf 100 0 0 10 0\n' +
    '   1: 0100007F:1F90 0200007F:0050 01 00000000:00000000 00:00000000 00000000     0        0 185 1 00000000a05e13bf 100 0 0 10 0\n';
  const sockets = parseNetworkTable('tcp', tcp);
  expect(sockets.get('184')).toEqual({
    table: 'tcp',
    listening: true,
    local: '0.0.0.0:2024',
    remote: '0.0.0.0:0',
  });
  expect(sockets.get('185')).toMatchObject({
    listening: false,
    local: '127.0.0.1:8080',
    remote: '127.0.0.2:80',
  });
  const tcp6 =
    'header\n   0: 000080FE00000000FF005450B6AD1DFE:0016 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 77 1\n';
  expect(parseNetworkTable('tcp6', tcp6).get('77')?.local).toBe('[fe80:0:0:0:5054:ff:fe1d:adb6]:22');
  const netlink =
    'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n' +
    '0000000095cdf868 0   0          00000000 0        0        0     2        0        4       \n';
  expect([...parseNetworkTable('netlink', netlink).keys()]).toEqual(['4']);
});

test('unix sockets: connected or not, where they are bound, and their pairs', () => {
  const table =
    'Num       RefCount Protocol Flags    Type St Inode Path\n' +
    '00000000167afff0: 00000003 00000000 00000000 0001 03   180\n' +
    '000000001aa1692f: 00000002 00000000 00010000 0001 01 25042 /run/two words.sock\n' +
    '000000001aa16930: 00000002 00000000 00000000 0002 01 25043 @abstract\n';
  expect([...parseUnixTable(table)]).toEqual([
    ['180', { connected: true, path: '' }],
    ['25042', { connected: false, path: '/run/two words.sock' }],
    ['25043', { connected: false, path: '@abstract' }],
  ]);
  const pairs =
    'u_str ESTAB 0      0                    * 180   * 181\nu_str ESTAB 0      0      /run/two words.sock 25044   * 7  \nu_dgr UNCONN 0 0 * 9 * 0\n';
  expect([...parseUnixPeers(pairs)]).toEqual([
    ['180', '181'],
    ['25044', '7'],
    ['9', '0'],
  ]);
});

test('cpuinfo: only what all processors have', () => {
  expect(parseCpuFlags('flags\t\t: fpu sse2 avx\nbugs\t\t:\nflags\t\t: fpu avx sse2 avx512f\n')).toEqual([
    'avx',
    'fpu',
    'sse2',
  ]);
  expect(parseCpuFlags('Features\t: fp asimd\n')).toEqual(['asimd', 'fp']);
  expect(parseCpuFlags('')).toEqual([]);
});

test('what a link stands for; an object that nobody knows is refused', () => {
  const carried = [
    'pipe:[7]',
    'anon_inode:[eventfd]',
    'anon_inode:inotify',
    '/memfd:x (deleted)',
    '/SYSV0000002a (deleted)',
  ];
  for (const target of carried) expect(targetKind(target)).toEqual({ kind: 'carried' });
  expect(targetKind('socket:[42]')).toEqual({ kind: 'socket', inode: '42' });
  expect(targetKind('/memfd:x')).toEqual({ kind: 'path' });
  const refused = new Map([
    ['anon_inode:[io_uring]', 'io_uring'],
    ['anon_inode:bpf-map', 'bpf'],
    ['anon_inode:kvm-vcpu:0', 'device_open'],
    ['/drm mm object (deleted)', 'gpu'],
    ['net:[4026531833]', 'namespace'],
    ['anon_inode:[something new]', 'kernel_object'],
  ]);
  for (const [target, word] of refused) expect(targetKind(target)).toMatchObject({ kind: 'refused', word });
});
