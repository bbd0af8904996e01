/** What the application menu offers on each system. */
import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { menuTemplate } from './menu.ts';

function roles(template: readonly MenuItemConstructorOptions[]): string[] {
  return template.flatMap(({ role, submenu }) => [
    ...(role === undefined ? [] : [role]),
    ...(Array.isArray(submenu) ? roles(submenu) : []),
  ]);
}

describe('menuTemplate', () => {
  it('has what a person looks for, and no way to load a page anew', () => {
    expect(roles(menuTemplate('linux', false))).toEqual([
      'quit',
      'cut',
      'copy',
      'paste',
      'selectAll',
      'resetZoom',
      'zoomIn',
      'zoomOut',
      'togglefullscreen',
      'minimize',
      'close',
      'about',
    ]);
  });

  it('has the developer tools only where the windows have them', () => {
    expect(roles(menuTemplate('linux', true))).toContain('toggleDevTools');
    expect(roles(menuTemplate('win32', false))).not.toContain('toggleDevTools');
  });

  it("leaves quitting and the about box to the application's own menu on macOS", () => {
    const mac = roles(menuTemplate('darwin', false));
    expect(mac[0]).toBe('appMenu');
    expect(mac).not.toContain('quit');
    expect(mac).not.toContain('about');
  });
});
