// Makes build/templates/busybox.tar.zst, the template that every prefix can create from without preparation.
import { mkdirSync } from 'node:fs';
import { openLinuxHost } from '../src/engine/host/linux/host.ts';
import { makeBusyboxTemplate } from '../src/engine/template/busybox.ts';
import { inProject, which } from './setup/machine.mjs';

mkdirSync(inProject('build', 'templates'), { recursive: true });
await makeBusyboxTemplate(openLinuxHost('/', undefined), which('busybox'), inProject('build', 'templates', 'busybox.tar.zst'));
