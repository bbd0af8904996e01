/** What the answer of a remote-write receiver means. */
import { describe, expect, test } from 'vitest';
import type { ServerAnswer } from './http.ts';
import { verdictOn } from './verdict.ts';

const access = { url: 'http://prometheus.example:9090/api/v1/write?token=secret', headers: {} };

function verdict(status: number, answer: Partial<ServerAnswer> = {}) {
  const all = { status, contentType: '', retryAfter: 0, location: '', text: '', isCutOff: false, ...answer };
  const found = verdictOn(access, all);
  return { kind: found.kind, words: found.kind === 'taken' ? '' : found.problem.message };
}

test.each([
  [200, '', 'taken'],
  [204, '', 'taken'],
  [429, 'ingestion rate limit exceeded', 'again'],
  [500, 'internal error', 'again'],
  [503, '', 'again'],
  [401, 'Unauthorized', 'again'],
  [403, '', 'again'],
  [404, '404 page not found', 'again'],
  [405, '', 'again'],
  [301, '', 'again'],
  [400, 'out of order sample', 'too-late'],
  [400, 'out of bounds', 'too-late'],
  [400, 'duplicate sample for timestamp', 'too-late'],
  [
    400,
    'failed pushing to ingester: the sample has been rejected because its timestamp is too old',
    'too-late',
  ],
  [413, 'request too large', 'too-large'],
  [400, 'invalid labels set', 'refused'],
  [422, 'unprocessable', 'refused'],
])('an answer %i with %j is %s', (status, text, kind) => {
  expect(verdict(status, { text }).kind).toBe(kind);
});

describe('the sentence', () => {
  test("has the server's words as one bounded line, and never the query of the address", () => {
    const { words } = verdict(400, { text: `bad\n\u001B[31m${'x'.repeat(5000)}` });
    expect(words).toMatch(
      /^http:\/\/prometheus\.example:9090\/api\/v1\/write refused samples for good \(400\): "bad \[31mxxx/,
    );
    expect(words.length).toBeLessThan(500);
    expect(words).not.toContain('secret');
  });

  test('says whose account was refused', () => {
    expect(verdict(401).words).toContain('refused a request without account (401)');
  });

  test('says where a redirect leads', () => {
    const { words } = verdict(308, { location: 'https://other.example/write?token=secret' });
    expect(words).toContain('leads to https://other.example/write; write that address into the settings');
  });

  test('says that a web page is no receiver, though it is called a success', () => {
    const { kind, words } = verdict(200, { contentType: 'text/html', text: '<html>Welcome</html>' });
    expect([kind, words]).toEqual([
      'again',
      expect.stringContaining('is a web page, no remote-write receiver'),
    ]);
  });
});
