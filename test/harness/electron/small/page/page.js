/* The small program's only script: tells that it ran. */
Object.assign(globalThis, { moduleScriptRan: true });
