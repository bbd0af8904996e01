/** The desktop program's command line. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_DEMO_NODES } from '../demo/request.ts';
import { parseArguments } from './arguments.ts';

function parse(...args: readonly string[]) {
  const parsed = parseArguments(args, '/home/me');
  return parsed.ok ? parsed.value : parsed.problem.message;
}

describe('parseArguments', () => {
  it('needs nothing', () => {
    expect(parse('.')).toEqual({});
  });

  it('takes a demo of the usual size, or of a given one', () => {
    expect(parse('.', '--demo')).toEqual({ demoNodes: DEFAULT_DEMO_NODES });
    expect(parse('.', '--demo', '5')).toEqual({ demoNodes: 5 });
    expect(parse('.', '--demo=7')).toEqual({ demoNodes: 7 });
    expect(parse('--demo', '--data', 'x')).toEqual({
      demoNodes: DEFAULT_DEMO_NODES,
      dataFolder: '/home/me/x',
    });
  });

  it('takes a demo that speaks MattX', () => {
    expect(parse('.', '--demo', 'mattx')).toEqual({ demoNodes: 8, demoDialect: 'mattx' });
    expect(parse('.', '--demo', 'mattx', '5')).toEqual({ demoNodes: 5, demoDialect: 'mattx' });
    expect(parse('.', '--demo=mattx')).toEqual({ demoNodes: 8, demoDialect: 'mattx' });
  });

  it('reads paths against the working folder', () => {
    expect(parse('--data', 'here', '--config=/etc/mosview.json')).toEqual({
      dataFolder: '/home/me/here',
      settingsFile: '/etc/mosview.json',
    });
  });

  it('takes the address of the metrics', () => {
    expect(parse('--metrics', '127.0.0.1:9464')).toEqual({ metrics: { host: '127.0.0.1', port: 9464 } });
    expect(parse('--metrics=9464')).toEqual({ metrics: { host: '127.0.0.1', port: 9464 } });
    expect(parse('--metrics')).toContain('--metrics takes an address with a port');
  });

  it('takes the collector to attach to', () => {
    expect(parse('--attach', 'ops@head:/data')).toMatchObject({
      attach: { entry: { host: 'head', user: 'ops' }, folder: '/data' },
    });
    expect(parse('--attach')).toContain('is not of the form');
  });

  it("lets Chromium's own switches pass", () => {
    expect(parse('--no-sandbox', '--lang=de', '.', '--demo', '3')).toEqual({ demoNodes: 3 });
  });

  it.each([
    [['--demo=0'], '--demo takes a number of nodes from 1 to 2000, not "0".'],
    [['--demo', '5000'], '--demo takes a number of nodes from 1 to 2000, not "5000".'],
    [['--demo=many'], '--demo takes a number of nodes from 1 to 2000, not "many".'],
    [['--demo', 'mattx', '0'], '--demo mattx takes a number of nodes from 1 to 200, not "0".'],
    [['--data'], '--data needs a path after it.'],
    [['--data', '--demo'], '--data needs a path after it.'],
    [['--config='], '--config needs a path after it.'],
  ])('refuses %j', (args, sentence) => {
    expect(parse(...args)).toBe(sentence);
  });
});
