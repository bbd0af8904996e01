/** The application menu, as one table of Electron's own roles. */
import type { MenuItemConstructorOptions } from 'electron';

/** Builds the table. Developer tools are offered only where the windows have them. */
export function menuTemplate(
  platform: NodeJS.Platform,
  developerTools: boolean,
): readonly MenuItemConstructorOptions[] {
  const mac = platform === 'darwin';
  const file: MenuItemConstructorOptions = { label: '&File', submenu: [{ role: 'quit' }] };
  const help: MenuItemConstructorOptions = { label: '&Help', submenu: [{ role: 'about' }] };
  return [
    mac ? { role: 'appMenu' } : file,
    {
      label: '&Edit',
      submenu: [{ role: 'cut' }, { role: 'copy' }, { role: 'paste' }, { role: 'selectAll' }],
    },
    {
      label: '&View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        ...(developerTools ? [{ role: 'toggleDevTools' } as const] : []),
      ],
    },
    { label: '&Window', submenu: [{ role: 'minimize' }, { role: 'close' }] },
    ...(mac ? [] : [help]),
  ];
}
