/** What no page may do, whatever it contains: go elsewhere, open windows, embed others, ask for rights. */
import type { Session, WebContents } from 'electron';

/** Writing text to the clipboard after a click, for the copy buttons; every other right is denied. */
const ALLOWED_PERMISSION = 'clipboard-sanitized-write';

/** A frame whose content our own page gives it: the preview of a report, which the page's policy holds for too. */
const PREVIEW = 'about:srcdoc';

/** Denies every right but one to the pages of a session. */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, decide) => {
    decide(permission === ALLOWED_PERMISSION);
  });
  session.setPermissionCheckHandler((_contents, permission) => permission === ALLOWED_PERMISSION);
  session.setDevicePermissionHandler(() => false);
}

/** Keeps contents on the page they were opened with. */
export function guardContents(contents: WebContents): void {
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => {
    if (event.url !== PREVIEW) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}
