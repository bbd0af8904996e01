/* The small program's page: keeps what is pushed to it where a test can look. */
globalThis.blocks = [];
globalThis.stopBlocks = globalThis.mosview.on('block', (block) => globalThis.blocks.push(block));
globalThis.moduleScriptRan = true;
